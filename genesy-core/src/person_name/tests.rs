use super::{Doubt, join, split_full_name};

/// Input, titles, first, last, suffixes, doubt.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, Option<Doubt>);

const NAMES: &[Row] = &[
    ("Ada Lovelace", "", "Ada", "Lovelace", "", None),
    ("  ada   lovelace ", "", "ada", "lovelace", "", None),
    ("ADA LOVELACE", "", "ADA", "LOVELACE", "", None),
    ("Lovelace, Ada", "", "Ada", "Lovelace", "", None),
    ("Lovelace,Ada", "", "Ada", "Lovelace", "", None),
    ("LOVELACE Ada", "", "Ada", "LOVELACE", "", None),
    ("Ada LOVELACE", "", "Ada", "LOVELACE", "", None),
    ("Dr. Ada Lovelace", "Dr.", "Ada", "Lovelace", "", None),
    ("Frau Prof. Dr. Lise Meitner", "Frau Prof. Dr.", "Lise", "Meitner", "", None),
    ("Mr John Smith Jr.", "Mr", "John", "Smith", "Jr.", None),
    ("Sr. Juan Pérez", "Sr.", "Juan", "Pérez", "", None),
    ("Mme Marie Curie", "Mme", "Marie", "Curie", "", None),
    ("M. Jean Dupont", "M.", "Jean", "Dupont", "", Some(Doubt::TitleOrInitial)),
    ("Meitner, Dr. Lise", "Dr.", "Lise", "Meitner", "", None),
    ("King, Martin Luther, Jr.", "", "Martin Luther", "King", "Jr.", None),
    ("Ada Lovelace, PhD, MBA", "", "Ada", "Lovelace", "PhD, MBA", None),
    ("Ada Lovelace, Ph.D.", "", "Ada", "Lovelace", "Ph.D.", None),
    ("Ada Lovelace, CISA, CRISC", "", "Ada", "Lovelace", "CISA, CRISC", None),
    ("William Gates III", "", "William", "Gates", "III", None),
    ("Jack Ma", "", "Jack", "Ma", "", None),
    ("John F. Kennedy", "", "John F.", "Kennedy", "", None),
    ("J. R. R. Tolkien", "", "J. R. R.", "Tolkien", "", None),
    ("Ludwig van Beethoven", "", "Ludwig", "van Beethoven", "", None),
    ("Vincent VAN DER BERG", "", "Vincent", "VAN DER BERG", "", None),
    ("Juan de la Cruz", "", "Juan", "de la Cruz", "", None),
    ("van der Berg, Jan", "", "Jan", "van der Berg", "", None),
    ("Maria da Silva", "", "Maria", "da Silva", "", None),
    ("Khalid bin Walid", "", "Khalid", "bin Walid", "", None),
    ("Ahmed al-Mansouri", "", "Ahmed", "al-Mansouri", "", None),
    ("Sinéad O'Connor", "", "Sinéad", "O'Connor", "", None),
    ("Anna Mc Donald", "", "Anna", "Mc Donald", "", None),
    ("José Ortega y Gasset", "", "José", "Ortega y Gasset", "", None),
    ("María José García López", "", "María José", "García López", "", None),
    ("José García López", "", "José", "García López", "", None),
    ("Ana María López", "", "Ana María", "López", "", None),
    ("Juan García de la Torre", "", "Juan", "García de la Torre", "", None),
    ("María del Carmen Ruiz Soto", "", "María del Carmen", "Ruiz Soto", "", None),
    ("García López, María José", "", "María José", "García López", "", None),
    ("María de los Ángeles Pérez", "", "María de los Ángeles", "Pérez", "", None),
    ("José María Aznar López", "", "José María", "Aznar López", "", None),
    ("William \"Bill\" Gates", "", "William \"Bill\"", "Gates", "", None),
    ("Jane Doe (she/her)", "", "Jane", "Doe", "(she/her)", None),
    ("Ada Lovelace 🚀", "", "Ada", "Lovelace", "🚀", None),
    ("Mr. & Mrs. Smith", "Mr. & Mrs.", "", "Smith", "", Some(Doubt::SingleWord)),
    ("Mary Ann Smith", "", "Mary Ann", "Smith", "", Some(Doubt::Middle)),
    ("Zhang Wei", "", "Zhang", "Wei", "", Some(Doubt::Order)),
    ("Cher", "", "Cher", "", "", Some(Doubt::SingleWord)),
    ("ada.lovelace", "", "ada.lovelace", "", "", Some(Doubt::SingleWord)),
    ("ada@example.com", "", "ada@example.com", "", "", Some(Doubt::NotAName)),
    ("山田 太郎", "", "太郎", "山田", "", None),
    ("山田太郎", "", "山田太郎", "", "", Some(Doubt::Unspaced)),
    ("欧阳修", "", "修", "欧阳", "", None),
    ("김민준", "", "김민준", "", "", Some(Doubt::Unspaced)),
    ("Dr.", "", "Dr.", "", "", Some(Doubt::SingleWord)),
    ("", "", "", "", "", None),
];

#[test]
fn names_are_split_as_their_bearers_would() {
    for &(name, titles, first, last, suffixes, doubt) in NAMES {
        let split = split_full_name(name);
        let parts = (&*split.titles, &*split.first, &*split.last, &*split.suffixes, split.doubt);
        assert_eq!(parts, (titles, first, last, suffixes, doubt), "{name}");
    }
}

#[test]
fn usual_names_are_not_copied() {
    for name in ["Ada Lovelace", "Lovelace, Ada", "Dr. María José García López, PhD"] {
        let split = split_full_name(name);
        let parts = [split.titles, split.first, split.last, split.suffixes];
        assert!(parts.iter().all(|part| matches!(part, std::borrow::Cow::Borrowed(_))), "{name}");
    }
}

#[test]
fn joining_undoes_splitting() {
    for name in ["Ada Lovelace", "Ludwig van Beethoven", "山田 太郎", "Cher"] {
        let split = split_full_name(name);
        assert_eq!(join(&split.first, &split.last), name);
    }
}

#[test]
fn debug_shows_no_name() {
    assert!(!format!("{:?}", split_full_name("Ada Lovelace")).contains("Ada"));
}
