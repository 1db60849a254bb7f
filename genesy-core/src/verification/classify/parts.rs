//! The parts of "not found", "no such user", and "nobody by that name", which servers put together as they like.
//!
//! A negation and what is negated make a predicate if nothing but [`FILLERS`] stands between them: "could not
//! be found", "isn't currently registered", "não foi localizado". Alone neither says anything. The lists are
//! written as those of [`super::words`].

/// What a negated part says, and where its noun stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stem {
    /// "found": the noun stands before it.
    Verb,
    /// "known": the noun stands before it, or behind it, as in "not a known user".
    Adjective,
    /// "know": the noun stands behind it.
    Knowing,
    /// "here", "in the list": the noun stands before it.
    Place,
    /// A verb of a language that negates behind it, too: "existiert hier nicht".
    Inverted,
}

/// Negations of verbs and adjectives.
#[rustfmt::skip]
pub(super) const NEGATIONS: &[&str] = &[
    "not", "not currently", "*n't currently", "*n't", "*n\u{2019}t", "*n`t", "cannot", "never",
    "no longer", "doesnot", "does't", "doesnt",
    "isnt", "arent", "cant", "couldnt", "dont", "wasnt",
    "nicht", "niet", "ikke", "inte", "ej", "não", "nao", "n\u{fffd}o", "non", "n'est pas", "n'est plus",
    "n\u{2019}est pas", "n\u{2019}est plus", "nie", "nu", "ne", "nem", "nincs", "není", "neni", "не", "δεν",
];

/// Negations of a noun: "no user". Spanish negates verbs with it, too.
pub(super) const NEGATIONS_OF_NOUN: &[&str] = &["no"];

/// What is said of a mailbox that is there, before or behind its noun.
#[rustfmt::skip]
pub(super) const ADJECTIVES: &[&str] = &[
    "known", "valid", "recognized", "recognised", "recognizable", "recognisable",
    "registered", "existing", "existent", "deliverable",
];

/// What is said of a mailbox that is there, behind its noun.
#[rustfmt::skip]
pub(super) const VERBS: &[&str] = &[
    "found", "exist*", "existed", "exsist*", "exsit*", "exits", "exit", "exis", "listed", "defined",
    "located", "present", "assigned",
    "allocated", "created", "configured", "configured to receive*", "identified", "provisioned", "set up",
    "mapped", "used", "in use", "handled by", "matched", "match any*", "match a*", "resolve to a*",
    "resolved to a*",
    "on file", "on record", "ok", "in existence", "among*", "one of ours",
    // Spanish, Portuguese, Italian, French, Romanian.
    "encontrad*", "encontró*", "registrad*", "tiene cuenta*", "tiene una cuenta*", "figura*", "localizad*",
    "cadastrad*", "reconhecid*", "reconocid*", "válid*", "possui conta*", "tem conta*", "presente*",
    "registrat*", "trovat*", "riconosciut*", "censit*", "connu*", "enregistr*", "reconnu*", "répertori*",
    "attribu*", "valide*", "valid*", "găsit*",
    // German, Dutch, and the Nordic languages.
    "bekannt", "gefunden", "vorhanden", "gültig", "registriert", "eingerichtet", "angelegt", "zugeordnet",
    "vergeben", "konfiguriert", "existent", "verzeichnet", "bekend", "gevonden", "geregistreerd", "geldig",
    "aanwezig", "kendt", "kjent", "känd", "fundet", "funnet", "registreret", "registrert", "registrerad",
    // Polish, Czech, Hungarian, Russian, Greek.
    "istniej*", "znalezion*", "znaleziono*", "odnalezion*", "zarejestrowan*", "nalezen*", "registrován*",
    "znám*", "létez*", "letez*", "található*", "ismert*", "найден*", "существу*", "зарегистрирован*",
    "обнаружен*", "известен*", "числится*", "значится*", "υπάρχει*", "βρέθηκε*",
];

/// What a server does that has a mailbox.
pub(super) const KNOWING: &[&str] = &["know", "recognize", "recognise", "recognizes", "recognises"];

/// Verbs behind which a negation may stand.
#[rustfmt::skip]
pub(super) const INVERTED: &[&str] = &[
    "existiert", "existieren", "bestaat", "findes", "finnes", "finns", "eksisterer", "existerar",
];

/// Where a mailbox would be.
#[rustfmt::skip]
pub(super) const PLACES: &[&str] = &[
    "here", "on this*", "on our*", "at this*", "with us", "in our*", "in my*", "in the list*", "in the table*",
    "in the directory*", "in the database*", "in the system*", "in the alias*", "in the user*",
    "in the recipient*", "in the local*", "in the virtual*", "in the domain*", "in recipient*",
    "in user*", "in directory", "in table",
    "in database*", "in ldap*", "in virtusertable", "in this*", "in any*", "in list", "in system",
    "in active directory", "in domain*", "in the company*", "in the organi*",
    "available on this*", "available on our*", "hosted here", "handled here", "available here",
    "with this company*", "with this org*",
];

/// What may stand between a negation and what it negates.
#[rustfmt::skip]
pub(super) const FILLERS: &[&str] = &[
    "be", "been", "being", "currently", "presently", "yet", "a", "an", "the", "any", "to", "seem", "appear",
    "have", "has", "got", "even", "actually", "ever", "longer", "is", "as", "our",
    "se", "ha", "sido", "fue", "foi", "está", "esta", "é", "è", "e'", "stato", "stata", "est", "pas", "plus",
    "été", "hier", "bei", "uns", "mehr", "wurde", "worden", "als", "ein", "eine", "een", "mere", "längre",
    "lenger", "længere", "został", "została", "zostało", "jest", "byl", "byla", "bylo", "blev", "er", "är",
    "fost", "был", "была", "было", "more",
];

/// What may stand between "no" and its noun, or between "not" and a noun.
#[rustfmt::skip]
pub(super) const NOUN_FILLERS: &[&str] = &[
    "a", "an", "any", "the", "this", "that", "have", "has", "our", "of", "one", "mail", "virtual",
    "local", "valid", "known", "real",
    "active", "such", "registered", "recognized", "recognised", "matching", "existing", "corresponding",
];

/// What may follow a negated noun that is the recipient: "no user here". Else the noun is part of another.
#[rustfmt::skip]
pub(super) const NOUN_FOLLOWERS: &[&str] = &[
    "here", "by", "with", "named", "called", "found", "at", "in", "for", "on", "of", "like", "matching",
    "matches", "exists", "exist", "known", "that", "under", "as", "associated", "defined", "configured",
    "registered", "listed", "available",
];

/// Nouns that are the sender's, too, where they are negated: "not a member of this list", "no email here".
pub(super) const NOUNS_OF_EITHER: &[&str] = &["member", "subscriber", "email", "e-mail"];

/// Words for nobody, who is the recipient if he has a name or a place.
#[rustfmt::skip]
pub(super) const NOBODY: &[&str] = &[
    "nobody", "no one", "no-one", "noone", "have anyone", "have anybody", "niemand", "nadie", "ninguém",
    "ninguem", "nessuno", "никто", "nikt",
    "nikdo", "kimse", "personne de ce", "personne à ce",
];

/// The name or place of nobody, beside the nouns for a recipient and [`ADJECTIVES`] and [`PLACES`].
#[rustfmt::skip]
pub(super) const NAMERS: &[&str] = &[
    "name", "named", "called", "nom", "nome", "nombre", "namen", "naam", "hier", "ici", "aquí", "aqui", "qui",
    "nazwie", "именем", "erreichbar",
];

/// What somebody may not do, rather than nobody: "nobody may send here".
pub(super) const DEEDS: &[&str] =
    &["allow", "permit", "may ", "can ", "send", "accept", "authori", "else"];
