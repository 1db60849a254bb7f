//! Words that tell what a cell is. Folded, sorted for binary search; the lists are short on purpose: they
//! need to know a part of the cells of a column, not all of them.

/// Frequent first names of many countries.
#[rustfmt::skip]
pub(super) const FIRST_NAMES: [&str; 721] = [
    "aaron", "abdullah", "abigail", "ada", "adam", "adrian", "agnieszka", "ahmed", "ahmet",
    "aiko", "aino", "aisha", "akira", "alain", "alan", "alba", "albert", "alberto", "alejandro",
    "aleksandra", "alessandro", "alessia", "alex", "alexander", "alexandre", "alexandru",
    "alexei", "alexey", "alexis", "ali", "alice", "aline", "alvaro", "amanda", "amber",
    "amelia", "amina", "amit", "amy", "ana", "ananya", "anastasia", "anders", "andras",
    "andrea", "andreas", "andrei", "andres", "andrew", "andriy", "andrzej", "angel", "angela",
    "angelo", "anil", "anita", "anja", "anjali", "ann", "anna", "anne", "anouk", "anthony",
    "antoine", "antonio", "antti", "aoife", "archie", "aria", "arjun", "arnaud", "arthur",
    "ashley", "astrid", "attila", "aurelie", "austin", "ava", "ayse", "barbara", "bart",
    "beatriz", "ben", "benjamin", "benoit", "bernd", "betty", "beverly", "billy", "birgit",
    "bjorn", "bobby", "bradley", "bram", "brandon", "brenda", "brian", "brittany", "bruce",
    "bruno", "bryan", "burak", "caleb", "camila", "camille", "can", "carl", "carlo", "carlos",
    "carmen", "carol", "carolyn", "catherine", "celine", "cem", "charles", "charlotte",
    "cheryl", "chiara", "chloe", "chris", "christian", "christina", "christine", "christoph",
    "christophe", "christopher", "christos", "claire", "claudia", "colin", "connor", "craig",
    "cristian", "cristina", "cynthia", "daan", "dan", "daniel", "daniela", "danielle", "dave",
    "david", "davide", "deborah", "debra", "declan", "deepak", "denise", "deniz", "dennis",
    "diana", "diane", "diego", "dieter", "dimitris", "divya", "dmitri", "dmitry", "dolores",
    "domenico", "dominik", "donald", "donna", "doris", "dorothy", "douglas", "dylan", "eduardo",
    "edward", "ekaterina", "elena", "eleni", "elif", "elijah", "elisa", "elizabeth", "ella",
    "elsa", "emilie", "emily", "emine", "emma", "emre", "enrique", "eric", "erik", "erzsebet",
    "ethan", "eva", "evelyn", "ewa", "fabio", "fabrice", "fang", "fatima", "fatma", "federica",
    "felipe", "felix", "femke", "ferenc", "fernanda", "fernando", "filipa", "finn", "florian",
    "frances", "francesca", "francesco", "francisco", "franco", "francois", "frank", "freddie",
    "frederic", "fredrik", "freja", "freya", "gabor", "gabriel", "gabriela", "gary", "gavin",
    "george", "gerald", "gheorghe", "giorgia", "giorgio", "giorgos", "giovanni", "giulia",
    "giuseppe", "gloria", "gonzalo", "grace", "graham", "gregory", "greta", "grzegorz",
    "guillaume", "guillermo", "gustav", "gustavo", "hana", "hannah", "hanne", "hans", "harold",
    "harper", "harry", "haruto", "hasan", "hassan", "heather", "heike", "heikki", "helen",
    "helene", "henrik", "henry", "hiroshi", "hugo", "hui", "huseyin", "hussein", "hyun", "ian",
    "ibrahim", "ida", "ignacio", "igor", "ildiko", "ines", "ingeborg", "ingrid", "ioana", "ion",
    "irene", "irina", "isabel", "isabella", "isabelle", "isla", "istvan", "ivan", "ivy", "jack",
    "jacob", "jacqueline", "jakub", "james", "jan", "jana", "janet", "janice", "jari",
    "jaroslav", "jason", "javier", "jean", "jeffrey", "jen", "jennifer", "jeremy", "jeroen",
    "jerome", "jerry", "jesse", "jessica", "jesus", "jihoon", "jing", "jiri", "jisoo", "joan",
    "joanna", "joao", "joaquin", "joe", "johan", "johanna", "johannes", "john", "jonas",
    "jonathan", "joost", "jordan", "jorg", "jorge", "jose", "josef", "josefa", "joseph",
    "joshua", "joyce", "juan", "judith", "judy", "juhani", "jukka", "julia", "julian",
    "juliana", "julie", "julien", "juliette", "jurgen", "justin", "kai", "kaisa", "karen",
    "kari", "karim", "karin", "karl", "katalin", "katarzyna", "kate", "katerina", "kateryna",
    "katharina", "katherine", "kathleen", "kathryn", "katrin", "kavita", "kayla", "kazuki",
    "kees", "keiko", "keith", "kelly", "kenji", "kenneth", "kevin", "khalid", "kimberly",
    "kirsten", "klaus", "koen", "kostas", "kristian", "krzysztof", "kyle", "lakshmi", "larry",
    "lars", "laszlo", "laura", "lauren", "laurent", "lawrence", "layla", "lea", "lee", "lei",
    "lena", "lenka", "leo", "leon", "leticia", "li", "liam", "liisa", "lily", "linda", "linnea",
    "lisa", "liz", "logan", "lorenzo", "lori", "lotta", "lotte", "louis", "luca", "lucas",
    "lucia", "luigi", "luis", "luisa", "luiz", "lukas", "lukasz", "luna", "maarten", "maciej",
    "madison", "magdalena", "magnus", "maja", "maksym", "malgorzata", "manon", "manuel",
    "marcia", "marcin", "marco", "marcos", "margaret", "maria", "mariana", "marie", "marieke",
    "marilyn", "mario", "mark", "markus", "marta", "martha", "martin", "martina", "mary",
    "mason", "mateo", "mathieu", "matt", "matteo", "matthew", "matthias", "matti", "max",
    "maxime", "maximilian", "megan", "mehmet", "melissa", "mercedes", "merve", "mette", "mia",
    "michael", "michaela", "michal", "michel", "michelle", "miguel", "mihaela", "mihai", "mika",
    "mikael", "mike", "mikhail", "milan", "min", "ming", "minjun", "mohamed", "mohammed",
    "monica", "monika", "moritz", "muhammad", "murat", "mustafa", "nancy", "naoko", "natalia",
    "natalie", "nathalie", "nathan", "neha", "neil", "niamh", "nicholas", "nick", "nicolas",
    "nicole", "nigel", "nikolai", "nikos", "nils", "noah", "nora", "nour", "nuno", "nuria",
    "oksana", "ole", "oleg", "oleksandr", "olga", "oliver", "olivia", "olivier", "olle", "omar",
    "oscar", "osman", "owen", "pablo", "pamela", "panagiotis", "paola", "paolo", "pascal",
    "patricia", "patrick", "paul", "paula", "pauline", "paulo", "pavel", "pawel", "pedro",
    "pekka", "per", "peter", "petr", "petra", "philipp", "philippe", "pierre", "pieter",
    "pietro", "pilar", "piotr", "pooja", "poppy", "priya", "rachel", "rafael", "rafaela",
    "rahul", "raj", "ralf", "ramesh", "ramon", "randy", "rania", "raquel", "raul", "ravi",
    "raymond", "rebecca", "renate", "ricardo", "richard", "robert", "roberta", "roberto",
    "rocio", "rodrigo", "roger", "rohan", "romain", "ronald", "rosa", "rosie", "roy", "ruben",
    "ruby", "rui", "russell", "ruth", "ruud", "ryan", "sabine", "sakura", "salma", "salvatore",
    "sam", "samantha", "samir", "samuel", "sander", "sandra", "sandrine", "sanjay", "sanne",
    "santiago", "sara", "sarah", "satoshi", "scott", "sean", "sebastian", "sebastien", "selin",
    "sem", "seo", "sergei", "sergey", "sergio", "sharon", "shirley", "silvia", "simon",
    "simone", "sinead", "siobhan", "sofia", "soo", "sophia", "sophie", "stefan", "stefanie",
    "stefano", "stephane", "stephanie", "stephen", "steve", "steven", "stuart", "sue", "sunil",
    "sunita", "suresh", "susan", "susanne", "sven", "svetlana", "sylvie", "takashi", "tariq",
    "tatiana", "teresa", "terry", "theo", "theresa", "thiago", "thierry", "thijs", "thomas",
    "tiago", "tiffany", "tim", "timo", "timothy", "tobias", "tom", "tomas", "tomasz", "tuula",
    "tyler", "ursula", "uwe", "valentina", "valerie", "vasile", "vasilis", "veronika",
    "vicente", "victoria", "vijay", "vikram", "vincent", "vincenzo", "virginia", "vladimir",
    "volodymyr", "walter", "wayne", "wei", "willem", "william", "willie", "willow", "wojciech",
    "wolfgang", "xin", "yan", "yannis", "yasmin", "yeon", "youssef", "yui", "yuki", "yulia",
    "yuri", "yusuf", "zachary", "zainab", "zbigniew", "zeynep", "zoe", "zofia", "zoltan",
    "zsuzsanna", "zuzana",
];

/// Words of job titles.
#[rustfmt::skip]
pub(super) const TITLE_WORDS: [&str; 325] = [
    "abogada", "abogado", "abteilungsleiter", "accountant", "accountmanager", "acheteur",
    "acheteuse", "addetta", "addetto", "administrador", "administradora", "administrator",
    "adviser", "adviseur", "advisor", "advogado", "amministratore", "analista", "analyst",
    "analyste", "apprentice", "architect", "architecte", "architetto", "arquitecto", "asesor",
    "asiantuntija", "asistente", "assistant", "assistante", "associate", "asystent", "attorney",
    "auditor", "avocat", "avocate", "avp", "avvocato", "beheerder", "berater", "beraterin",
    "bestuurder", "biologist", "broker", "buchhalter", "buyer", "capo", "ceo", "cfo",
    "chairman", "chairwoman", "charge", "chargee", "chef", "cheffe", "chemist", "chief", "chro",
    "cio", "ciso", "clerk", "cmo", "cofounder", "comercial", "commerciale", "comptable",
    "conseiller", "conseillere", "consulente", "consultant", "consultante", "consultor",
    "consultora", "contable", "contador", "controller", "coo", "coordenador", "coordenadora",
    "coordinador", "coordinadora", "coordinator", "counsellor", "counselor", "cpo", "cro",
    "cso", "cto", "daglig", "danisman", "delegato", "dentist", "desarrollador",
    "desarrolladora", "desenvolvedor", "designer", "developer", "developpeur", "developpeuse",
    "directeur", "director", "directora", "directors", "directrice", "direktor", "diretor",
    "diretora", "direttore", "direttrice", "disenador", "doradca", "dyrektor", "editor",
    "eigenaar", "einkauf", "einkaufer", "ekonom", "encargada", "encargado", "encarregado",
    "engenheira", "engenheiro", "engineer", "engineering", "engineers", "entwickler",
    "entwicklerin", "especialista", "evp", "executive", "fondateur", "fondatore", "fondatrice",
    "forsaljningschef", "founder", "fundador", "fundadora", "genel", "geologist", "gerant",
    "gerante", "gerente", "geschaeftsfuehrer", "geschaeftsfuehrerin", "geschaftsfuhrer",
    "geschaftsfuhrerin", "handlowiec", "head", "hoofd", "igazgato", "impiegata", "impiegato",
    "ingegnere", "ingeniera", "ingeniero", "ingenieur", "ingenjor", "inginer", "inhaber",
    "inhaberin", "instructor", "intern", "interpreter", "inzenyr", "inzynier", "jednatel",
    "jefa", "jefe", "johtaja", "journalist", "kehittaja", "kierownik", "konsulent", "konsult",
    "konsultant", "ksiegowa", "lawyer", "lead", "lecturer", "leder", "leiter", "leiterin",
    "librarian", "manager", "managers", "manazer", "marketing", "marketingleiter",
    "marketingleiterin", "medewerker", "mernok", "mitarbeiter", "mudur", "muduru", "muhendis",
    "myyntipaallikko", "nurse", "obchodnik", "officer", "ontwikkelaar", "operator", "optician",
    "owner", "paallikko", "paralegal", "partner", "pharmacist", "photographer", "physician",
    "physicist", "planner", "president", "presidenta", "presidente", "prezes", "principal",
    "producer", "professor", "programista", "programmer", "projektleiter", "projektleiterin",
    "prokurist", "psychologist", "radgiver", "ragioniere", "receptionist", "recruiter",
    "reditel", "referent", "referentin", "representative", "researcher", "responsabile",
    "responsable", "sachbearbeiter", "sachbearbeiterin", "sales", "salgschef", "salgssjef",
    "saljare", "satis", "scientist", "secretary", "socio", "softwareentwickler", "solicitor",
    "specialist", "specjalista", "strategist", "supervisor", "surgeon", "surveyor",
    "sviluppatore", "svp", "teacher", "teamleiter", "teamleiterin", "technician", "technicien",
    "technicienne", "techniker", "tecnica", "tecnico", "therapist", "titolare",
    "toimitusjohtaja", "trader", "trainee", "translator", "treasurer", "udvikler", "ugyvezeto",
    "utvecklare", "utvikler", "uzman", "uzmani", "vd", "vedouci", "vendas", "vendedor",
    "vendedora", "venditore", "ventas", "ventes", "verkoper", "vertrieb", "vertriebsleiter",
    "vertriebsleiterin", "veterinary", "vezeto", "vorstand", "vp", "vyvojar", "wlasciciel",
    "writer", "yonetici", "zaakvoerder", "διευθυντησ", "μηχανικοσ", "συμβουλοσ", "υπευθυνοσ",
    "аналитик", "бухгалтер", "генеральныи", "глава", "директор", "инженер", "керівник",
    "консультант", "менеджер", "начальник", "основатель", "президент", "продаж", "разработчик",
    "розробник", "руководитель", "специалист", "інженер", "رييس", "محاسب", "مدير", "مسوول",
    "مهندس",
];

/// Parts of job titles in scripts without spaces between words.
#[rustfmt::skip]
pub(super) const TITLE_PARTS: [&str; 33] = [
    "エンジニア", "ディレクター", "マネージャー", "主任", "主管", "代表", "係長", "取締役", "工程师", "工程師", "总监", "总裁", "担当",
    "社長", "總監", "總經理", "總裁", "经理", "经理人", "董事", "課長", "部長", "顾问", "과장", "대리", "대표", "매니저", "부장",
    "사원", "엔지니어", "이사", "차장", "팀장",
];

/// Legal forms and other last words of company names.
#[rustfmt::skip]
pub(super) const COMPANY_SUFFIXES: [&str; 109] = [
    "ab", "ad", "ag", "aps", "as", "asa", "associates", "bank", "bhd", "bt", "bv", "bvba",
    "capital", "co", "company", "consulting", "corp", "corporation", "cv", "dd", "doo",
    "eireli", "enterprises", "eood", "eurl", "ev", "foundation", "gk", "gmbh", "group",
    "holding", "holdings", "inc", "incorporated", "industries", "insurance", "international",
    "jsc", "kft", "kg", "kgaa", "kk", "ky", "labs", "limited", "llc", "llp", "lp", "ltd",
    "ltda", "mbh", "me", "nv", "nyrt", "oao", "ohg", "ojsc", "ood", "ooo", "oy", "oyj",
    "partners", "pjsc", "plc", "pte", "pty", "pvt", "sa", "san", "sapa", "sarl", "sas", "sasu",
    "sau", "sca", "scs", "sdn", "se", "services", "sl", "slu", "snc", "solutions", "sp", "spa",
    "srl", "srls", "sro", "sti", "studios", "systems", "technologies", "tic", "tov", "ug",
    "ventures", "vof", "zao", "zoo", "zrt", "αε", "επε", "ао", "зао", "ип", "оао", "ооо", "пао",
    "тов",
];

/// Legal forms that stand anywhere in a company's name.
#[rustfmt::skip]
pub(super) const COMPANY_PARTS: [&str; 18] = [
    "(주)", "ЗАО", "ОАО", "ООО", "ПАО", "شركة", "مؤسسة", "㈜", "公司", "合同会社", "有限会社", "有限公司",
    "株式会社", "股份", "集团", "集團", "유한회사", "주식회사",
];

/// Forms of address and degrees, which a column called `Title` may hold.
#[rustfmt::skip]
pub(super) const HONORIFICS: [&str; 49] = [
    "ba", "bsc", "dds", "dhr", "dipl", "don", "dona", "dott", "dottssa", "dr", "dvm", "esq",
    "frau", "fru", "herr", "hr", "ii", "iii", "ing", "iv", "jr", "m", "madam", "madame", "mag",
    "mba", "md", "mevr", "miss", "mlle", "mme", "monsieur", "mr", "mrs", "ms", "msc", "mx",
    "pan", "pani", "phd", "prof", "professor", "sig", "signor", "signora", "sir", "sr", "sra",
    "srta",
];

#[cfg(test)]
mod tests {
    use super::{COMPANY_SUFFIXES, FIRST_NAMES, HONORIFICS, TITLE_WORDS};
    use crate::csv::header::fold;

    #[test]
    fn lists_are_sorted_and_folded() {
        let lists: [&[&str]; 4] = [&FIRST_NAMES, &TITLE_WORDS, &COMPANY_SUFFIXES, &HONORIFICS];
        for list in lists {
            assert!(list.is_sorted());
            for word in list {
                assert_eq!(fold::key(word), *word);
            }
        }
    }
}
