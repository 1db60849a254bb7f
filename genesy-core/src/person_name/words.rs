//! The words around names, and what a single word can be. All lists are in lower case.

/// Titles with or without a full stop.
const TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "dr",
    "dra",
    "drs",
    "prof",
    "profa",
    "professor",
    "sir",
    "sr",
    "sra",
    "srta",
    "herr",
    "frau",
    "hr",
    "mme",
    "mlle",
    "monsieur",
    "madame",
    "sig",
    "sigra",
    "sig.ra",
    "signor",
    "signora",
    "dott",
    "dottssa",
    "dott.ssa",
    "avv",
    "dhr",
    "mevr",
    "dipl-ing",
    "dipl.-ing",
    "med",
    "habil",
    "capt",
    "rev",
    "doña",
    "señor",
    "señora",
];

/// Titles that are a name or an initial unless a full stop follows.
const TITLES_WITH_STOP: &[&str] = &[
    "m", "ing", "fr", "hon", "col", "gen", "maj", "lt", "sgt", "ir", "mag", "lic", "eng", "arq",
    "pr",
];

/// Generations and degrees that are no surname.
const SUFFIXES: &[&str] = &[
    "jr", "sr", "ii", "iii", "iv", "phd", "mba", "md", "dds", "dvm", "esq", "cpa", "cfa", "jd",
    "bsc", "msc", "meng", "beng", "llm", "llb", "edd", "psyd", "pharmd", "cissp", "pmp", "obe",
    "mbe", "cbe", "kbe", "frcs", "facs", "dphil", "mph", "mpa", "mfa", "cfp", "acca",
];

/// Suffixes that are surnames or initials too: only behind a comma, or with stops inside (`M.A.`).
const SUFFIXES_BEHIND_COMMA: &[&str] = &[
    "ma", "ba", "bs", "ms", "do", "rn", "pe", "v", "i", "qc", "kc", "mp", "dr", "prof", "ing",
    "eng",
];

/// Words that belong to the surname behind them.
const PARTICLES: &[&str] = &[
    "van", "von", "vom", "zu", "zum", "zur", "der", "den", "het", "'t", "ter", "ten", "te", "op",
    "de", "du", "des", "del", "della", "delle", "dello", "dei", "degli", "di", "da", "do", "dos",
    "das", "la", "le", "las", "los", "les", "lo", "al", "el", "bin", "ibn", "bint", "binti", "ben",
    "abu", "af", "av", "st", "ste", "saint", "san", "santa", "mc", "mac", "o'", "o’", "d'", "d’",
];

/// Words that stand between two surnames: `Ortega y Gasset`, `Costa e Silva`.
const CONNECTORS: &[&str] = &["y", "i", "e"];

/// Invocations that make given names: `María del Carmen`, `Juan de Dios`.
const INVOCATIONS: &[&str] = &[
    "carmen",
    "pilar",
    "mar",
    "rosario",
    "ángeles",
    "angeles",
    "luz",
    "dolores",
    "rocío",
    "rocio",
    "mercedes",
    "consuelo",
    "soledad",
    "paz",
    "nieves",
    "lourdes",
    "fátima",
    "fatima",
    "jesús",
    "jesus",
    "guadalupe",
    "remedios",
    "concepción",
    "asunción",
    "socorro",
    "sol",
    "dios",
];

/// Usual Spanish and Portuguese surnames: they show where the given names end.
const IBERIAN_SURNAMES: &[&str] = &[
    "garcía",
    "garcia",
    "gonzález",
    "gonzalez",
    "rodríguez",
    "rodriguez",
    "rodrigues",
    "fernández",
    "fernandez",
    "fernandes",
    "lópez",
    "lopez",
    "lopes",
    "martínez",
    "martinez",
    "martins",
    "sánchez",
    "sanchez",
    "pérez",
    "perez",
    "gómez",
    "gomez",
    "gomes",
    "martín",
    "jiménez",
    "jimenez",
    "ruiz",
    "hernández",
    "hernandez",
    "díaz",
    "diaz",
    "dias",
    "moreno",
    "muñoz",
    "munoz",
    "álvarez",
    "alvarez",
    "alves",
    "romero",
    "alonso",
    "gutiérrez",
    "gutierrez",
    "navarro",
    "torres",
    "domínguez",
    "dominguez",
    "vázquez",
    "vazquez",
    "ramos",
    "gil",
    "ramírez",
    "ramirez",
    "serrano",
    "molina",
    "morales",
    "suárez",
    "suarez",
    "ortega",
    "delgado",
    "castro",
    "ortiz",
    "rubio",
    "marín",
    "sanz",
    "núñez",
    "nuñez",
    "nunez",
    "nunes",
    "iglesias",
    "medina",
    "garrido",
    "cortés",
    "cortes",
    "castillo",
    "santos",
    "lozano",
    "guerrero",
    "cano",
    "prieto",
    "méndez",
    "mendez",
    "mendes",
    "cruz",
    "flores",
    "herrera",
    "peña",
    "reyes",
    "aguilar",
    "vargas",
    "rojas",
    "mendoza",
    "silva",
    "oliveira",
    "souza",
    "sousa",
    "pereira",
    "lima",
    "costa",
    "ferreira",
    "almeida",
    "ribeiro",
    "carvalho",
    "araújo",
    "araujo",
    "melo",
    "barbosa",
    "rocha",
    "cardoso",
    "teixeira",
    "moreira",
    "correia",
];

/// Usual Spanish and Portuguese given names that come first or second.
const IBERIAN_GIVEN_NAMES: &[&str] = &[
    "maría",
    "maria",
    "ma",
    "josé",
    "jose",
    "juan",
    "luis",
    "luís",
    "luiz",
    "miguel",
    "isabel",
    "carmen",
    "ángel",
    "angel",
    "antonio",
    "antônio",
    "manuel",
    "carlos",
    "pilar",
    "teresa",
    "jesús",
    "jesus",
    "alberto",
    "javier",
    "francisco",
    "pablo",
    "paulo",
    "pedro",
    "ignacio",
    "ramón",
    "ramon",
    "andrés",
    "andres",
    "fernando",
    "eduardo",
    "enrique",
    "alejandro",
    "alejandra",
    "cristina",
    "elena",
    "rosa",
    "belén",
    "victoria",
    "ana",
    "marta",
    "laura",
    "lucía",
    "lucia",
    "jorge",
    "rafael",
    "sergio",
    "diego",
    "joão",
    "joao",
    "beatriz",
    "vicente",
    "gabriel",
    "guadalupe",
    "fernanda",
    "raúl",
    "raul",
    "david",
    "daniel",
    "sofía",
    "sofia",
];

/// Usual surnames of China, Korea and Vietnam in Latin script that are no given names elsewhere.
const EAST_ASIAN_SURNAMES: &[&str] = &[
    "zhang", "wang", "liu", "chen", "yang", "huang", "zhao", "wu", "zhou", "xu", "zhu", "guo",
    "lin", "luo", "zheng", "liang", "xie", "tang", "deng", "feng", "cheng", "cai", "peng", "pan",
    "yuan", "dong", "xiao", "jiang", "nguyen", "nguyễn", "tran", "trần", "pham", "phạm", "hoang",
    "hoàng", "vo", "dang", "bui", "park", "choi", "jung", "jeong", "kang", "cho", "yoon", "lim",
];

/// Chinese surnames of two characters.
pub(super) const COMPOUND_SURNAMES: &[&str] = &[
    "欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "东方", "東方", "皇甫", "尉迟", "尉遲",
    "公孙", "公孫", "慕容", "令狐", "司徒", "端木", "夏侯", "轩辕", "宇文", "长孙", "長孫",
];

pub(super) fn is_title(word: &str) -> bool {
    with_lower_case(word, |lower| {
        let bare = lower.trim_end_matches('.');
        TITLES.contains(&bare) || (bare != lower && TITLES_WITH_STOP.contains(&bare))
    })
}

pub(super) fn is_suffix(word: &str, behind_comma: bool) -> bool {
    with_lower_case(word, |lower| {
        let inner_stop = lower.trim_end_matches('.').contains('.');
        let is_in = |list: &[&str]| list.iter().any(|suffix| equal_without_stops(lower, suffix));
        is_in(SUFFIXES) || ((behind_comma || inner_stop) && is_in(SUFFIXES_BEHIND_COMMA))
    })
}

/// Three capitals or more, and hardly anything else.
pub(super) fn is_like_a_degree(word: &str) -> bool {
    let capitals = word.chars().filter(|c| c.is_uppercase()).count();
    let small = word.chars().filter(|c| c.is_lowercase()).count();
    capitals >= 3 && small < capitals
}

pub(super) fn is_particle(word: &str) -> bool {
    with_lower_case(word, |lower| PARTICLES.contains(&lower.trim_end_matches('.')))
}

pub(super) fn is_connector(word: &str) -> bool {
    // In capitals these are initials.
    CONNECTORS.contains(&word)
}

pub(super) fn is_invocation(word: &str) -> bool {
    with_lower_case(word, |lower| INVOCATIONS.contains(&lower))
}

pub(super) fn is_iberian_surname(word: &str) -> bool {
    with_lower_case(word, |lower| {
        let first = lower.split('-').next().unwrap_or(lower);
        IBERIAN_SURNAMES.contains(&first)
    })
}

pub(super) fn is_iberian_given_name(word: &str) -> bool {
    with_lower_case(word, |lower| IBERIAN_GIVEN_NAMES.contains(&lower.trim_end_matches('.')))
}

pub(super) fn is_east_asian_surname(word: &str) -> bool {
    with_lower_case(word, |lower| EAST_ASIAN_SURNAMES.contains(&lower))
}

/// One letter, or two with a stop each: `F.`, `J.R.`.
pub(super) fn is_initial(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    letters == 1 || (letters <= 3 && word.contains('.') && !word.contains(char::is_lowercase))
}

/// At least `letters_min` letters, all of them capitals.
pub(super) fn is_in_capitals(word: &str, letters_min: usize) -> bool {
    !word.contains(char::is_lowercase)
        && word.chars().filter(|c| c.is_uppercase()).count() >= letters_min
}

/// Only Han, kana and Hangul, with the spaces and dots between them.
pub(super) fn is_east_asian(text: &str) -> bool {
    let script = |c: char| {
        matches!(c, '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}'
            | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}'
            | '\u{20000}'..='\u{2FA1F}')
    };
    let between = |c: char| c.is_whitespace() || matches!(c, '\u{00B7}' | ',' | '\u{FF0C}');
    text.chars().any(script) && text.chars().all(|c| script(c) || between(c))
}

/// Bytes of the longest word in the lists, with room to spare.
const LISTED_WORD_BYTES_MAX: usize = 24;

/// Calls `test` with the word in lower case; longer words than any list holds are not looked up.
fn with_lower_case(word: &str, test: impl Fn(&str) -> bool) -> bool {
    let mut bytes = [0; LISTED_WORD_BYTES_MAX];
    let mut length = 0;
    for c in word.chars().flat_map(char::to_lowercase) {
        let Some(free) = bytes.get_mut(length..length + c.len_utf8()) else { return false };
        length += c.encode_utf8(free).len();
    }
    std::str::from_utf8(&bytes[..length]).is_ok_and(test)
}

fn equal_without_stops(word: &str, suffix: &str) -> bool {
    word.bytes().filter(|&byte| byte != b'.').eq(suffix.bytes())
}
