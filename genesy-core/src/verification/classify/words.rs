//! The words of which servers make the sentences "nobody has this address" and "the mailbox is closed".
//!
//! A sentence needs a noun for the recipient and a predicate near it, so that it is understood in
//! wordings that nobody listed. The lists are in lower case. A `*` at an end means that the word may go
//! on there; else a letter or a digit must not be beside it.

/// What the recipient is called.
pub(super) const RECIPIENT_NOUNS: &[&str] = &[
    // English.
    "user", "users", "username", "user name", "mailbox", "mailboxes", "mail box", "account", "accounts",
    "recipient", "recipients", "recipient's", "address", "addresses", "addressee", "addressees",
    "email address", "e-mail address", "mail address", "email", "e-mail", "inbox", "alias", "person",
    "member", "customer", "subscriber", "local part", "local-part", "localpart", "rcpt", "rcpt to",
    "userid", "user id", "recipientnotfound*", "addressees unknown", "userunknown",
    // French.
    "utilisateur", "destinataire", "destinataires", "adresse", "boite", "bo\u{ee}te", "bo\u{fffd}te", "compte",
    "abonn\u{e9}",
    // German, Dutch, and the Nordic languages.
    "benutzer", "empf\u{e4}nger*", "empfaenger*", "empf\u{fffd}nger*", "postfach", "konto", "mailadresse",
    "e-mail-adresse", "emailadresse", "mailkonto", "nutzer", "teilnehmer", "gebruiker", "ontvanger",
    "adres", "e-mailadres", "emailadres", "mottagare*", "anv\u{e4}ndare*", "modtager*", "bruger*", "bruker*",
    "mottaker*", "k\u{e4}ytt\u{e4}j\u{e4}*", "vastaanottaja*",
    // Spanish, Portuguese, Italian, Romanian.
    "usuario", "usu\u{e1}rio", "usu\u{fffd}rio", "destinatario", "destinat\u{e1}rio", "destinat\u{fffd}rio", "cuenta",
    "buzon", "buz\u{f3}n", "buz\u{fffd}n", "casilla", "direccion", "direcci\u{f3}n", "direcci\u{fffd}n", "persona",
    "conta", "caixa postal", "caixa de correio", "endereco", "endere\u{e7}o", "endere\u{fffd}o", "utente", "utenti",
    "casella", "indirizzo", "utilizator*", "destinatar*", "adresa", "utilizador",
    // Polish, Czech, Slovak, Hungarian, Slovene, Croatian.
    "u\u{17c}ytkownik*", "uzytkownik*", "skrzynk*", "odbiorc*", "uivatel*", "u\u{17e}ivatel*", "uzivatel*",
    "p\u{159}\u{ed}jemce", "prijemce", "schr\u{e1}nk*", "schrank*", "felhaszn\u{e1}l\u{f3}*", "felhasznalo*", "c\u{ed}mzett*",
    "postafi\u{f3}k*", "korisnik*", "uporabnik*",
    // Turkish.
    "kullanici*", "kullan\u{131}c\u{131}*", "alici*", "al\u{131}c\u{131}*", "hesap", "posta kutusu", "adresi",
    // Russian and Ukrainian.
    "\u{43f}\u{43e}\u{43b}\u{44c}\u{437}\u{43e}\u{432}\u{430}\u{442}\u{435}\u{43b}*", "\u{41f}\u{43e}\u{43b}\u{44c}\u{437}\u{43e}\u{432}\u{430}\u{442}\u{435}\u{43b}*", "\u{43f}\u{43e}\u{43b}\u{443}\u{447}\u{430}\u{442}\u{435}\u{43b}*", "\u{41f}\u{43e}\u{43b}\u{443}\u{447}\u{430}\u{442}\u{435}\u{43b}*", "\u{44f}\u{449}\u{438}\u{43a}*",
    "\u{42f}\u{449}\u{438}\u{43a}*", "\u{430}\u{434}\u{440}\u{435}\u{441}*", "\u{410}\u{434}\u{440}\u{435}\u{441}*", "\u{43a}\u{43e}\u{440}\u{438}\u{441}\u{442}\u{443}\u{432}\u{430}\u{447}*",
    // Chinese, Japanese, Korean.
    "\u{7528}\u{6237}*", "\u{7528}\u{6236}*", "\u{4f7f}\u{7528}\u{8005}*", "\u{6536}\u{4ef6}\u{4eba}*", "\u{90ae}\u{7bb1}*", "\u{4fe1}\u{7bb1}*", "\u{8d26}\u{53f7}*", "\u{5e10}\u{53f7}*", "\u{5e33}\u{865f}*", "\u{5730}\u{5740}*",
    "\u{5b9b}\u{5148}*", "\u{53d7}\u{4fe1}\u{8005}*", "\u{30e6}\u{30fc}\u{30b6}*", "\u{30a2}\u{30c9}\u{30ec}\u{30b9}*", "\u{30e1}\u{30fc}\u{30eb}\u{30dc}\u{30c3}\u{30af}\u{30b9}*", "\u{c0ac}\u{c6a9}\u{c790}*",
    "\u{c218}\u{c2e0}\u{c790}*", "\u{acc4}\u{c815}*",
];

/// Nouns that are not the recipient: a predicate beside one of them says nothing of the address.
pub(super) const OTHER_NOUNS: &[&str] = &[
    "domain", "domains", "domainname", "host", "hosts", "hostname", "server", "servers", "client", "helo",
    "ehlo", "mx", "mx record", "mx records", "dns", "ip", "ip address", "ip addresses", "ptr", "rdns",
    "command", "parameter", "parameters", "argument", "mechanism", "error", "reason", "cause", "protocol",
    "service", "message", "messages", "relay", "network", "certificate", "encoding", "extension",
    "system", "size", "body", "header", "subject", "attachment", "content", "policy", "response",
    "result", "syntax", "status", "code", "vrfy", "expn", "tls", "starttls", "login", "password",
    "credentials", "transaction", "request", "character", "characters", "charset", "format", "option",
    "gateway", "route", "destination host", "remote host", "connection", "session", "cache", "ticket",
];

/// Predicates that stand behind a noun.
pub(super) const ABSENT_BEHIND: &[&str] = &[
    // English.
    "not known", "isn't known", "not found", "notfound", "wasn't found", "not be found", "does not exist",
    "doesn't exist", "doesn\u{2019}t exist", "doesnt exist", "do not exist", "don't exist", "did not exist",
    "not exist", "not exists", "not exsist", "not existed", "non-exist*", "nonexist*", "non exist*",
    "not existing", "does not exists", "inexist*", "is not valid", "not valid", "isn't valid",
    "not a valid", "not recognized", "not recognised", "unrecognized", "not listed", "not present",
    "isn't listed", "not in directory", "not in the directory", "not in our*", "no longer exist*",
    "no longer valid", "no longer available", "no longer here", "no longer on server", "no longer in use",
    "no longer in service", "no longer active here", "no longer with*", "no longer works*",
    "no longer employed", "no longer used", "not used", "not registered", "not here", "isn't here",
    "not defined", "was deleted", "been deleted", "is deleted", "been removed", "was removed",
    "could not be located", "not located", "have no mailbox", "has no mailbox", "no mailbox",
    "no mail box", "not a known", "not an active", "not a user", "not a local user", "not known here",
    "has left", "does not have a*", "doesn't have a*", "not have an account", "not a mailbox",
    "was not found", "not our customer", "missing home*", "not hosted here", "not handled here",
    // French.
    "inconnu*", "n'existe p*", "n existe p*", "n\u{2019}existe p*", "n'existe plus", "introuvable*",
    "non trouv*", "non valide*", "invalide*", "n'est pas connu*", "inexistant*",
    // German, Dutch, and the Nordic languages.
    "unbekannt*", "existiert nicht", "nicht gefunden", "nicht vorhanden", "nicht bekannt", "nicht existent",
    "ung\u{fc}ltig*", "ungueltig*", "ung\u{fffd}ltig*", "gibt es nicht", "existiert nicht mehr",
    "nicht mehr g\u{fc}ltig", "onbekend*", "niet bekend", "bestaat niet", "niet gevonden", "ongeldig*",
    "ok\u{e4}nd*", "finns inte", "finns ej", "ukendt*", "ukjent*", "findes ikke", "finnes ikke",
    "eksisterer ikke", "tuntematon*", "ei ole olemassa", "ei l\u{f6}ydy",
    // Spanish, Portuguese, Italian, Romanian.
    "desconocid*", "no existe*", "no encontrad*", "no v\u{e1}lid*", "no valid*", "inv\u{e1}lid*", "inv\u{fffd}lid*",
    "no se encuentra*", "no ha sido encontrad*", "desconhecid*", "n\u{e3}o existe*", "nao existe*",
    "n\u{fffd}o existe*", "n\u{e3}o encontrad*", "nao encontrad*", "n\u{fffd}o encontrad*", "inexistente*", "sconosciut*",
    "non esist*", "inesistente*", "non trovat*", "non valid*", "necunoscut*", "nu exist*",
    // Polish, Czech, Slovak, Hungarian, Slovene, Croatian.
    "nieznan*", "nie istnieje*", "nie znalezion*", "nie zosta\u{142}*", "neexistuje*", "nenalezen*",
    "nezn\u{e1}m*", "neznam*", "ismeretlen*", "nem l\u{e9}tez*", "nem letez*", "nem tal\u{e1}lhat\u{f3}*", "ne postoji*",
    "ne obstaja*", "nepoznat*",
    // Turkish.
    "bulunamad*", "bulunmamakta*", "bulunmuyor*", "mevcut de\u{11f}il*", "mevcut degil*", "bilinmeyen*",
    "bilinmiyor*", "ge\u{e7}ersiz*", "gecersiz*",
    // Russian and Ukrainian.
    "\u{43d}\u{435} \u{43d}\u{430}\u{439}\u{434}\u{435}\u{43d}*", "\u{43d}\u{435} \u{441}\u{443}\u{449}\u{435}\u{441}\u{442}\u{432}\u{443}\u{435}\u{442}*", "\u{43d}\u{435}\u{438}\u{437}\u{432}\u{435}\u{441}\u{442}*", "\u{43e}\u{442}\u{441}\u{443}\u{442}\u{441}\u{442}\u{432}\u{443}\u{435}\u{442}*", "\u{43d}\u{435} \u{437}\u{430}\u{440}\u{435}\u{433}\u{438}\u{441}\u{442}\u{440}*",
    "\u{43d}\u{435}\u{434}\u{435}\u{439}\u{441}\u{442}\u{432}\u{438}\u{442}*", "\u{43d}\u{435} \u{456}\u{441}\u{43d}\u{443}\u{454}*", "\u{43d}\u{435} \u{437}\u{43d}\u{430}\u{439}\u{434}\u{435}\u{43d}*",
    // Chinese, Japanese, Korean.
    "\u{4e0d}\u{5b58}\u{5728}*", "\u{672a}\u{627e}\u{5230}*", "\u{627e}\u{4e0d}\u{5230}*", "\u{65e0}\u{6548}*", "\u{7121}\u{6548}*", "\u{4e0d}\u{660e}*", "\u{5b58}\u{5728}\u{3057}\u{307e}\u{305b}\u{3093}*",
    "\u{5b58}\u{5728}\u{3057}\u{306a}*", "\u{898b}\u{3064}\u{304b}\u{308a}\u{307e}\u{305b}\u{3093}*", "\u{c874}\u{c7ac}\u{d558}\u{c9c0}*", "\u{c5c6}\u{c2b5}\u{b2c8}\u{b2e4}*",
];

/// Predicates that stand before a noun.
pub(super) const ABSENT_BEFORE: &[&str] = &[
    "no such", "not a valid", "not a known", "not a local", "no valid", "no known", "there is no",
    "there's no", "no existing", "no matching", "bad destination", "don't know", "do not know",
    "don't have", "could not find", "couldn't find", "cannot find", "can't find", "unable to find",
    "no local", "aucun*", "kein", "keine", "unbekannt*", "onbekende", "ung\u{fc}ltige*", "geen", "no existe*", "nao existe*",
    "n\u{e3}o existe*", "non esist*", "nessun*", "brak", "nie ma", "nie ma takiego", "nie ma takiej", "nieznan*",
    "\u{43d}\u{435}\u{442}", "\u{41d}\u{435}\u{442}", "\u{43d}\u{435}\u{442} \u{442}\u{430}\u{43a}\u{43e}\u{433}\u{43e}", "\u{41d}\u{435}\u{442} \u{442}\u{430}\u{43a}\u{43e}\u{433}\u{43e}", "\u{43d}\u{435}\u{438}\u{437}\u{432}\u{435}\u{441}\u{442}*", "\u{41d}\u{435}\u{438}\u{437}\u{432}\u{435}\u{441}\u{442}*", "\u{65e0}\u{6b64}*",
    "\u{7121}\u{6b64}*", "\u{67e5}\u{7121}\u{6b64}*", "\u{6c92}\u{6709}*", "\u{6ca1}\u{6709}*", "\u{627e}\u{4e0d}\u{5230}*",
];

/// Predicates that stand on either side.
pub(super) const ABSENT: &[&str] = &[
    "unknown", "unkown", "unknow", "invalid", "non-existent", "nonexistent", "non existent", "incorrect",
    "unavailable or invalid", "unroutable", "unrouteable", "undeliverable",
];

/// Predicates of a mailbox that is there and takes nothing.
pub(super) const CLOSED: &[&str] = &[
    "disabled", "deactivated", "suspended", "inactive", "not active", "isn't active", "no longer active",
    "is closed", "been closed", "closed", "discontinued", "terminated", "expired", "cancelled",
    "canceled", "frozen", "dormant", "de-activated", "no longer accepts*", "no longer accepting*",
    "no longer receive*", "does not accept mail anymore", "archivee", "archiv\u{e9}e",
    "extended inactivity", "desactiv*", "d\u{e9}sactiv*", "deaktiviert*", "gesperrt*", "desativad*", "inativ*",
    "disattivat*", "inactiv*", "nieaktywn*", "\u{43e}\u{442}\u{43a}\u{43b}\u{44e}\u{447}\u{435}\u{43d}*", "\u{505c}\u{7528}*", "\u{7981}\u{7528}*", "\u{7121}\u{52b9}*",
];

/// Words that make what follows in the sentence a mere possibility.
pub(super) const CONDITIONAL: &[&str] = &[
    "if", "unless", "whether", "may", "might", "either", "because if", "in case", "falls", "si le", "wenn",
];
