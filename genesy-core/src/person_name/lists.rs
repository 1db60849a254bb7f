//! What words around and inside names can be. All lists are in lower case.

/// Titles with or without a full stop.
#[rustfmt::skip]
pub(super) const TITLES: &[&str] = &[
    "mr", "mrs", "ms", "miss", "mx", "dr", "dra", "drs", "prof", "profa", "professor", "sir",
    "sr", "sra", "srta", "herr", "frau", "hr", "mme", "mlle", "monsieur", "madame", "sig",
    "sigra", "sig.ra", "signor", "signora", "dott", "dottssa", "dott.ssa", "avv", "dhr", "mevr",
    "dipl-ing", "dipl.-ing", "dr-ing", "dr.-ing", "med", "habil", "capt", "rev", "doña",
    "señor", "señora",
];

/// Titles that are a name or an initial unless a full stop follows.
#[rustfmt::skip]
pub(super) const TITLES_WITH_STOP: &[&str] = &[
    "m", "ing", "fr", "hon", "col", "gen", "maj", "lt", "sgt", "ir", "mag", "lic", "eng", "arq",
    "pr",
];

/// Generations and degrees that are no surname.
#[rustfmt::skip]
pub(super) const SUFFIXES: &[&str] = &[
    "jr", "sr", "ii", "iii", "iv", "phd", "mba", "md", "dds", "dvm", "esq", "cpa", "cfa", "jd",
    "bsc", "msc", "meng", "beng", "llm", "llb", "edd", "psyd", "pharmd", "cissp", "pmp", "obe",
    "mbe", "cbe", "kbe", "frcs", "facs", "dphil", "mph", "mpa", "mfa", "cfp", "acca",
];

/// Suffixes that are surnames or initials too: only behind a comma, or with stops inside (`M.A.`).
#[rustfmt::skip]
pub(super) const SUFFIXES_BEHIND_COMMA: &[&str] = &[
    "ma", "ba", "bs", "ms", "do", "rn", "pe", "v", "i", "qc", "kc", "mp", "dr", "prof", "ing",
    "eng",
];

/// Words that belong to the surname behind them.
#[rustfmt::skip]
pub(super) const PARTICLES: &[&str] = &[
    "van", "von", "vom", "zu", "zum", "zur", "der", "den", "het", "'t", "ter", "ten", "te",
    "op", "de", "du", "des", "del", "della", "delle", "dello", "dei", "degli", "di", "da", "do",
    "dos", "das", "la", "le", "las", "los", "les", "lo", "al", "el", "bin", "ibn", "bint",
    "binti", "ben", "abu", "af", "av", "st", "ste", "saint", "san", "santa", "mc", "mac", "o'",
    "o’", "d'", "d’",
];

/// Words that stand between two surnames: `Ortega y Gasset`, `Costa e Silva`.
#[rustfmt::skip]
pub(super) const CONNECTORS: &[&str] = &[
    "y", "i", "e",
];

/// Invocations that make given names: `María del Carmen`, `Juan de Dios`.
#[rustfmt::skip]
pub(super) const INVOCATIONS: &[&str] = &[
    "carmen", "pilar", "mar", "rosario", "ángeles", "angeles", "luz", "dolores", "rocío",
    "rocio", "mercedes", "consuelo", "soledad", "paz", "nieves", "lourdes", "fátima", "fatima",
    "jesús", "jesus", "guadalupe", "remedios", "concepción", "asunción", "socorro", "sol",
    "dios",
];

/// Usual Spanish and Portuguese surnames: they show where the given names end.
#[rustfmt::skip]
pub(super) const IBERIAN_SURNAMES: &[&str] = &[
    "garcía", "garcia", "gonzález", "gonzalez", "rodríguez", "rodriguez", "rodrigues",
    "fernández", "fernandez", "fernandes", "lópez", "lopez", "lopes", "martínez", "martinez",
    "martins", "sánchez", "sanchez", "pérez", "perez", "gómez", "gomez", "gomes", "martín",
    "jiménez", "jimenez", "ruiz", "hernández", "hernandez", "díaz", "diaz", "dias", "moreno",
    "muñoz", "munoz", "álvarez", "alvarez", "alves", "romero", "alonso", "gutiérrez",
    "gutierrez", "navarro", "torres", "domínguez", "dominguez", "vázquez", "vazquez", "ramos",
    "gil", "ramírez", "ramirez", "serrano", "molina", "morales", "suárez", "suarez", "ortega",
    "delgado", "castro", "ortiz", "rubio", "marín", "sanz", "núñez", "nuñez", "nunez", "nunes",
    "iglesias", "medina", "garrido", "cortés", "cortes", "castillo", "santos", "lozano",
    "guerrero", "cano", "prieto", "méndez", "mendez", "mendes", "cruz", "flores", "herrera",
    "peña", "reyes", "aguilar", "vargas", "rojas", "mendoza", "silva", "oliveira", "souza",
    "sousa", "pereira", "lima", "costa", "ferreira", "almeida", "ribeiro", "carvalho", "araújo",
    "araujo", "melo", "barbosa", "rocha", "cardoso", "teixeira", "moreira", "correia",
];

/// Usual Spanish and Portuguese given names that come first or second.
#[rustfmt::skip]
pub(super) const IBERIAN_GIVEN_NAMES: &[&str] = &[
    "maría", "maria", "ma", "josé", "jose", "juan", "luis", "luís", "luiz", "miguel", "isabel",
    "carmen", "ángel", "angel", "antonio", "antônio", "manuel", "carlos", "pilar", "teresa",
    "jesús", "jesus", "alberto", "javier", "francisco", "pablo", "paulo", "pedro", "ignacio",
    "ramón", "ramon", "andrés", "andres", "fernando", "eduardo", "enrique", "alejandro",
    "alejandra", "cristina", "elena", "rosa", "belén", "victoria", "ana", "marta", "laura",
    "lucía", "lucia", "jorge", "rafael", "sergio", "diego", "joão", "joao", "beatriz",
    "vicente", "gabriel", "guadalupe", "fernanda", "raúl", "raul", "david", "daniel", "sofía",
    "sofia",
];

/// Usual surnames of China, Korea and Vietnam in Latin script that are no given names elsewhere.
#[rustfmt::skip]
pub(super) const EAST_ASIAN_SURNAMES: &[&str] = &[
    "li", "zhang", "wang", "liu", "chen", "yang", "huang", "zhao", "wu", "zhou", "xu", "zhu",
    "guo", "lin", "luo", "zheng", "liang", "xie", "tang", "deng", "feng", "cheng", "cai",
    "peng", "pan", "yuan", "dong", "xiao", "jiang", "nguyen", "nguyễn", "tran", "trần", "pham",
    "phạm", "hoang", "hoàng", "vo", "dang", "bui", "park", "choi", "jung", "jeong", "kang",
    "cho", "yoon", "lim",
];

/// Chinese surnames of two characters.
#[rustfmt::skip]
pub(super) const COMPOUND_SURNAMES: &[&str] = &[
    "欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "东方", "東方", "皇甫", "尉迟", "尉遲", "公孙", "公孫", "慕容",
    "令狐", "司徒", "端木", "夏侯", "轩辕", "宇文", "长孙", "長孫",
];

/// Titles of address that go with a surname: `Mr. Smith`, unlike `Sir Elton`.
#[rustfmt::skip]
pub(super) const TITLES_BEFORE_SURNAME: &[&str] = &[
    "mr", "mrs", "ms", "herr", "frau", "dr", "prof", "mme", "monsieur", "madame", "dhr", "mevr",
];
