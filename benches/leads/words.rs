//! The words that leads are made of. Those outside ASCII stand apart, so that their share can be set.

pub(super) const FIRST_NAMES: &[&str] = &[
    "Ada", "Alan", "Alice", "Amanda", "Andrea", "Anna", "Ben", "Brian", "Carla", "Charles", "Chloe",
    "Christopher", "Clara", "Daniel", "David", "Diego", "Edward", "Elena", "Emma", "Eric", "Fatima",
    "Felix", "Fiona", "Frank", "George", "Grace", "Hannah", "Henry", "Ivan", "Jack", "James",
    "Jane", "Jonathan", "Julia", "Karen", "Kevin", "Laura", "Leo", "Linda", "Lucas", "Maria",
    "Martin", "Mary", "Michael", "Mohammed", "Nina", "Oliver", "Omar", "Patricia", "Paul", "Peter",
    "Priya", "Rachel", "Robert", "Samuel", "Sarah", "Stephanie", "Thomas", "Victoria", "William",
    "Yuki", "Zara",
];

pub(super) const FIRST_NAMES_ACCENTED: &[&str] = &[
    "André", "Anaïs", "Björn", "Chloé", "Cédric", "François", "Gonçalo", "Göran", "Hélène", "Iñaki",
    "Inês", "Jesús", "João", "José", "Jörg", "Jürgen", "Kübra", "Léa", "Łukasz", "Małgorzata",
    "María", "Mónica", "Noël", "Ólafur", "Øystein", "René", "Søren", "Şebnem", "Tomáš", "Zoë",
];

pub(super) const LAST_NAMES: &[&str] = &[
    "Anderson", "Bauer", "Becker", "Brown", "Carter", "Clark", "Davis", "Evans", "Fischer",
    "Garcia", "Green", "Hall", "Harris", "Hernandez", "Hill", "Hughes", "Ivanova", "Jackson",
    "Johnson", "Jones", "Kim", "King", "Kowalski", "Kumar", "Lee", "Lewis", "Lopez", "Lovelace",
    "Martin", "Martinez", "Miller", "Moore", "Morgan", "Nguyen", "O'Brien", "Patel", "Phillips",
    "Robinson", "Rossi", "Schmidt", "Silva", "Smith", "Tanaka", "Taylor", "Thompson", "Turner",
    "Van der Berg", "Walker", "Wang", "Weber", "White", "Williams", "Wilson", "Wright", "Young",
];

pub(super) const LAST_NAMES_ACCENTED: &[&str] = &[
    "Ångström", "Çelik", "Díaz", "Fernández", "García", "Gómez", "González", "Groß", "Hernández",
    "Jiménez", "Kovač", "Königsmann", "López", "Martínez", "Müller", "Muñoz", "Nuñez", "Núñez",
    "Pérez", "Rodríguez", "Sánchez", "Schäfer", "Sørensen", "Strömberg", "Weiß", "Wiśniewska",
];

pub(super) const JOB_LEVELS: &[&str] = &[
    "Chief", "Deputy Head of", "Director of", "Global Head of", "Head of", "Junior", "Lead",
    "Principal", "Regional Director of", "Senior", "Senior Manager,", "Team Lead,", "VP of", "VP,",
];

pub(super) const JOB_FIELDS: &[&str] = &[
    "Business Development", "Customer Success", "Data Engineering", "Demand Generation", "Finance",
    "Growth", "Information Security", "Legal and Compliance", "Marketing", "Operations", "People",
    "Procurement", "Product", "Research & Development", "Revenue", "Sales", "Software Engineering",
];

pub(super) const JOB_TITLES_ACCENTED: &[&str] = &[
    "Créateur de contenu", "Diretor de Operações", "Director de Márketing", "Directrice générale",
    "Geschäftsführer", "Jefe de Compañía", "Leiter Qualitätssicherung",
    "Président-directeur général", "Responsable de opérations", "Técnico de Atención al Cliente",
    "Vertriebsleiter Süd – Österreich",
];

pub(super) const COMPANY_WORDS: &[&str] = &[
    "Acme", "Apex", "Atlas", "Aurora", "Beacon", "Blue Ridge", "Bright", "Cascade", "Cedar",
    "Cobalt", "Crescent", "Delta", "Echo", "Ember", "Evergreen", "Falcon", "Forge", "Granite",
    "Harbor", "Horizon", "Iron Gate", "Juniper", "Keystone", "Lattice", "Lighthouse", "Meridian",
    "Nimbus", "Northwind", "Orchard", "Pinnacle", "Quantum", "Redwood", "Silverline", "Summit",
    "Vertex",
];

pub(super) const COMPANY_TAILS: &[&str] = &[
    "& Partners", "Analytics", "Consulting Group", "Foods", "GmbH", "Health", "Holdings",
    "Industries", "Labs", "Logistics", "Media", "Networks", "Robotics", "S.L.", "Software",
    "Systems", "Ventures",
];

pub(super) const COMPANY_TAILS_WITH_COMMA: &[&str] = &[
    " Foods, Inc.", " Labs, LLC", ", Inc.", ", Sons & Co.", " Industries, Ltd.", ", S.A.",
];

pub(super) const COMPANIES_ACCENTED: &[&str] = &[
    "Bäckerei Schönbrunn", "Café du Théâtre", "Compañía Ibérica", "Électricité du Léman",
    "Fábrica São João", "Grünwald & Söhne", "Søndergård A/S", "Żabka Usługi",
];

pub(super) const MAIL_HOSTS: &[&str] = &[
    "company.com", "corp.example", "example.com", "example.net", "example.org", "mail.example",
];
