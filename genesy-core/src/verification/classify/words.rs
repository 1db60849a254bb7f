//! The words of which servers make the sentences "nobody has this address" and "the mailbox is closed".
//!
//! A sentence needs a noun for the recipient and a predicate near it, so that it is understood in
//! wordings that nobody listed. The lists are in lower case. A `*` at an end means that the word may go
//! on there; else a letter or a digit must not be beside it.

/// What the recipient is called.
#[rustfmt::skip]
pub(super) const RECIPIENT_NOUNS: &[&str] = &[
    // English.
    "user", "users", "username", "user name", "mailbox", "mailboxes", "mail box", "account",
    "accounts", "recipient", "recipients", "recipient's", "address", "addresses", "addressee",
    "addressees", "email address", "e-mail address", "mail address", "email", "e-mail", "inbox",
    "alias", "person", "member", "customer", "subscriber", "local part", "local-part", "localpart",
    "rcpt", "rcpt to", "userid", "user id", "adressat", "adressaten", "employee", "mail-box",
    "mailaddress", "login name", "mailuser", "rcptto", "user status", "account status", "mailbox status",
    "colleague", "staff member", "email id", "e-mail id", "mail id", "useraccount", "recipient-user",
    "emailaddress", "mbox", "recipient id",
    // French.
    "utilisateur", "destinataire", "destinataires", "boite", "boîte", "bo\u{fffd}te",
    "compte", "abonné", "usager", "salarié", "employé", "collaborateur",
    // German, Dutch, and the Nordic languages.
    "benutzer", "empfänger*", "empfaenger*", "empf\u{fffd}nger*", "postfach", "konto",
    "mailadresse*", "e-mail-adresse", "emailadresse", "mailkonto", "nutzer", "benutzerkonto", "teilnehmer",
    "mitarbeiter*",
    "adresse*", "kontot", "kontoen", "e-postadresse*", "brevlåd*", "postkasse*", "medewerker", "postvak",
    "gebruiker", "postbus", "ontvanger", "adres*", "e-mailadres", "emailadres", "mottagare*", "användare*",
    "modtager*", "bruger*", "bruker*", "mottaker*", "käyttäjä*", "vastaanottaja*",
    "osoite", "osoitetta", "sähköpostioso*", "postilaatik*",
    // Spanish, Portuguese, Italian, Romanian.
    "usuario", "usuário", "usu\u{fffd}rio", "destinatario", "destinatário", "destinat\u{fffd}rio",
    "cuenta", "buzon", "buzón", "buz\u{fffd}n", "casilla", "direccion", "dirección",
    "direcci\u{fffd}n", "persona", "conta", "caixa", "caixa postal", "caixa de correio", "endereco",
    "endereço", "endere\u{fffd}o", "utente", "utenti", "casella", "indirizzo", "utilizator*",
    "destinatar*", "adresa", "utilizador", "correo electronico", "correo electrónico", "empleado",
    "colaborador", "funcionário", "dipendente", "contul", "căsuța*", "casuta*",
    // Polish, Czech, Slovak, Hungarian, Slovene, Croatian.
    "użytkownik*", "uzytkownik*", "skrzynk*", "odbiorc*", "uivatel*", "uživatel*", "uzivatel*",
    "příjemce", "prijemce", "schránk*", "schrank*", "felhasználó*", "felhasznalo*", "címzett*",
    "postafiók*", "korisnik*", "uporabnik*", "adresat*", "kont", "konta", "použív*", "pouziv*", "účet", "účtu",
    "pracownik*", "fiók*", "cím", "címet", "címe",
    // Greek.
    "χρήστη*", "χρηστη*", "παραλήπτη*", "διεύθυνση*", "λογαριασμό*",
    // Turkish.
    "kullanici*", "kullanıcı*", "alici*", "alıcı*", "hesap", "posta kutusu", "adresi",
    // Russian and Ukrainian.
    "пользовател*", "Пользовател*", "получател*", "Получател*", "ящик*", "Ящик*", "адрес*",
    "Адрес*", "аккаунт*", "учетная запись", "учётная запись", "сотрудник*", "абонент*", "користувач*",
    "одержувач*",
    "отримувач*", "скриньк*",
    // Chinese, Japanese, Korean.
    "账户*", "帐户*", "帳戶*", "收件者*", "员工*", "員工*", "アカウント*", "주소*", "메일함*", "사서함*", "받는 사람*",
    "用户*", "用戶*", "使用者*", "收件人*", "邮箱*", "信箱*", "账号*", "帐号*", "帳號*", "地址*", "宛先*", "受信者*", "ユーザ*",
    "アドレス*", "メールボックス*", "사용자*", "수신자*", "계정*",
    // Vietnamese, Indonesian, Arabic.
    "người dùng*", "người nhận*", "địa chỉ*", "tài khoản*", "hộp thư*", "pengguna", "penerima",
    "alamat", "alamat email", "akun", "kotak surat", "مستخدم*", "المستلم*", "المستقبل*", "العنوان*",
    "الحساب*", "صندوق البريد*",
];

/// Nouns that are not the recipient: a predicate beside one of them says nothing of the address.
#[rustfmt::skip]
pub(super) const OTHER_NOUNS: &[&str] = &[
    "domain", "domains", "domainname", "host", "hosts", "hostname", "server", "servers", "client",
    "helo", "ehlo", "mx", "mx record", "mx records", "dns", "ip", "ip address", "ip addresses",
    "ptr", "rdns", "command", "parameter", "parameters", "argument", "mechanism", "error", "reason",
    "cause", "protocol", "service", "message", "messages", "relay", "network", "certificate",
    "encoding", "extension", "system", "size", "body", "header", "subject", "attachment", "content",
    "policy", "response", "result", "syntax", "status", "code", "vrfy", "expn", "tls", "starttls",
    "login", "password", "credentials", "transaction", "request", "character", "characters",
    "charset", "format", "option", "gateway", "route", "destination host", "remote host",
    "connection", "session", "cache", "ticket",
    "directory", "database", "forwarding", "access", "imap", "pop3", "webmail", "session id",
    "domain of the recipient", "domain of recipient", "user agent", "count", "id",
    "message to the recipient", "message to the user", "message for the recipient",
    "verification", "signature", "file", "driver", "rule", "rules", "key", "public key", "key for recipient",
    "public key for recipient", "key for the recipient", "public key for the recipient", "encryption",
    "problem", "transport", "mail exchanger*", "mail host", "list", "lists", "space", "correspondent*",
    "device",
    "message to recipient*", "forward address*", "forwarding address*", "zugriff", "zugang",
    "berechtigung*", "permission*", "privilege*", "rights", "subdomain*",
    "balance", "user balance", "account balance",
    "address family", "address record*", "address list*", "address literal*", "address range*",
    // Addresses of hosts, domains, servers, and what else is looked for in other languages.
    "ip-address*", "adresse ip", "ip-adresse*", "dirección ip", "direccion ip", "endereço ip", "endereco ip",
    "indirizzo ip", "ip-adres*", "adres ip", "adresa ip", "ip-адрес*", "ip адрес*", "ip-cím*", "ip-osoite*",
    "ip adresi", "διεύθυνση ip", "ip地址*", "ip 地址*", "ipアドレス*", "ip アドレス*", "ip 주소*", "ip주소*",
    "địa chỉ ip", "alamat ip", "عنوان ip", "domaine*", "dominio*", "domínio*", "domäne*", "domen*",
    "domén*", "домен*", "域名*", "網域*", "ドメイン*", "도메인*", "tên miền", "النطاق*", "serveur*", "servidor*",
    "serwer*",
    "сервер*", "服务器*", "伺服器*", "サーバ*", "서버*", "máy chủ", "권한*", "izin", "formato*", "formatting", "input",
    "парол*", "команд*", "формат*",
    "hasło*", "polecen*", "passwort", "fehler*", "befehl*", "mensaje*", "mensagem", "nachricht*",
    "messaggio*", "wiadomoś*", "сообщени*", "письм*",
    "сервер получателя", "сервер пользователя",
    "домен получателя", "serwer odbiorcy", "domena odbiorcy",
];

/// What holds words of the sender, and says nothing of one.
pub(super) const NEUTRAL: &[&str] = &[
    "unknown user agent",
    // Places behind which a predicate of the user stands.
    "서버에*",
    "도메인에*",
    "サーバーに*",
    "サーバに*",
    "サーバ上に*",
    "ドメインに*",
    "服务器上*",
    "域名下*",
    "from your list*",
    "from your mailing list*",
    "from your database*",
    "from your address book*",
    "from your contact list*",
    "has left a",
    // What Exim says before the reply of the server that knows the recipients.
    "callout verification failed:",
    "other or undefined*",
    "has left too",
    // Cyrus on a mailbox that is unknown: "or you do not have authorization to see it".
    "do not have authorization to see it",
    "don't have authorization to see it",
    "not found to be*",
    "sending to",
    "sending mail to",
    "sending email to",
    "sending a message to",
    "return to sender",
    "returned to sender",
    "returned to the sender",
    "back to sender",
];

/// Predicates that stand behind a noun.
#[rustfmt::skip]
pub(super) const ABSENT_BEHIND: &[&str] = &[
    // English.
    "does not exist*", "doesn't exist*", "notfound", "isunknown", "doesnotexist", "not handled by",
    "is not valid",
    "must exist*", "must be a valid*", "must be a local*", "has to exist", "needs to exist",
    "no longer available", "no longer active here", "no longer with*", "no longer works*", "no longer on",
    "no longer in service", "no longer employed", "no longer at*", "ceased to exist*",
    "doesn't work here*", "does not work here*", "currently does not exist*", "not appear in our*",
    "been permanently removed", "been permanently deleted", "was deleted", "been deleted", "is deleted",
    "been removed", "was removed", "not an active",
    "has left", "left the company*", "left the organi*", "left our*", "does not have a*",
    "doesn't have a*", "missing home*", "have no mail",
    "has no mail", "is gone", "has never*", "is obsolete",
];

/// Predicates that stand before a noun.
#[rustfmt::skip]
pub(super) const ABSENT_BEFORE: &[&str] = &[
    "no such", "not a local", "there is no", "there's no", "bad destination",
    "there is currently no", "bad",
    "no local", "no matching", "deleted", "removed", "obsolete", "no record of*", "no record for*",
    "no match for*", "no match found for*", "no entry for*", "no entry found for*",
    "could not find", "couldn't find", "cannot find", "can't find", "can not find", "unable to find",
    "could not locate", "couldn't locate", "cannot locate", "can't locate", "unable to locate",
    "failed to find", "failed to locate", "unable to identify", "could not identify", "cannot identify",
    "unable to recognize", "unable to recognise",
    "aucun*", "pas d'*", "pas de", "kein", "keine", "keinen",
    "unbekannt*", "onbekende", "ungültige*", "geen", "no hay*", "ningún*", "ningun*", "nenhum*", "no conozco*",
    "no existe*", "não existe*", "non esist*", "nessun*", "brak", "nie ma", "nie ma takiego",
    "nie ma takiej", "нет", "Нет", "нет такого", "Нет такого", "неизвест*", "Неизвест*", "немає",
    "không tìm thấy*", "لا يوجد*",
    "未知*", "无此*", "無此*", "查無此*", "없는*", "알 수 없는*", "沒有*", "没有*",
];

/// Adjectives that stand on either side.
#[rustfmt::skip]
pub(super) const ABSENT: &[&str] = &[
    "unknown", "non-exist*", "nonexist*", "non exist*", "not-exist*", "unexist*", "inexist*",
    "invalid", "incorrect", "unavailable or invalid", "unroutable", "unrouteable", "undeliverable",
    "unrecognized", "unrecognised", "unregistered", "unlisted", "illegal", "wrong", "undefined", "unknowed",
];

/// The same in other languages, where the adjective often stands behind its noun.
#[rustfmt::skip]
pub(super) const ABSENT_ELSEWHERE: &[&str] = &[
    // What was deleted.
    "gelöscht*", "geloescht*", "entfernt*", "supprim*", "eliminad*", "removid*", "excluíd*", "excluid*",
    "borrad*",
    "cancellat*", "eliminat*", "rimoss*", "verwijderd*", "usunięt*", "zrušen*", "smazán*", "удален*",
    "удалён*", "видален*",
    "errat*", "нет", "нема", "はありません*",
    // French.
    "inconnu*", "n'existe p*", "n existe p*", "n\u{2019}existe p*", "n'existe plus", "introuvable*",
    "non trouv*", "non valide*", "invalide*", "n'est pas connu*", "inexistant*", "n'est plus valide*",
    "n\u{2019}est plus valide*",
    "n'est plus utilis*", "n'est plus en service", "ne travaille plus*", "a quitté*",
    // German, Dutch, and the Nordic languages.
    "unbekannt*", "existiert nicht", "nicht gefunden", "nicht vorhanden", "nicht bekannt",
    "nicht existent", "ungültig*", "ungueltig*", "ung\u{fffd}ltig*", "gibt es nicht",
    "existiert nicht mehr", "nicht mehr gültig", "nicht mehr vorhanden", "nicht mehr im unternehmen",
    "nicht mehr im haus*", "nicht mehr im dienst", "nicht mehr bei uns",
    "nicht mehr beschäftigt", "falsche*", "unternehmen verlassen", "firma verlassen", "niet meer in gebruik",
    "niet meer werkzaam*", "har slutat", "ei löytynyt", "ei ole käytössä", "onbekend*", "niet bekend",
    "bestaat niet",
    "niet gevonden", "ongeldig*", "okänd*", "finns inte", "finns ej", "ukendt*", "ukjent*",
    "findes ikke", "finnes ikke", "eksisterer ikke", "tuntematon*", "ei ole olemassa", "ei löydy",
    // Spanish, Portuguese, Italian, Romanian.
    "desconocid*", "no existe*", "no encontrad*", "no fue encontrad*", "no válid*", "no valid*", "inválid*",
    "inv\u{fffd}lid*", "no se encuentra*", "no ha sido encontrad*", "no trabaja*", "incorrecta",
    "incorrecto", "não trabalha*", "non lavora*",
    "desconhecid*", "não existe*",
    "nao existe*", "n\u{fffd}o existe*", "não encontrad*", "nao encontrad*",
    "n\u{fffd}o encontrad*", "inexistente*", "sconosciut*", "non esist*", "inesistente*",
    "non trovat*", "non valid*", "non è valid*", "non e' valid*", "non è stat*", "necunoscut*", "nu exist*",
    "nu a fost găsit*",
    // Polish, Czech, Slovak, Hungarian, Slovene, Croatian.
    "nieznan*", "nie istnieje*", "nie znalezion*", "nie został*", "nie pracuje*", "nieprawidłow*",
    "niepoprawn*", "błędn*", "neexistuje*", "nenalezen*",
    "neznám*", "neznam*", "ismeretlen*", "nem létez*", "nem letez*", "nem található*",
    "ne postoji*", "ne obstaja*", "nepoznat*", "nincs ilyen", "nem ismert*", "nejestvuje*",
    // Greek.
    "άγνωστ*", "αγνωστ*", "δεν υπάρχει", "δεν υπαρχει", "δεν βρέθηκε",
    // Turkish.
    "bulunamad*", "yok", "tanımlı değil*", "kayıtlı değil*", "geçerli değil*", "bulunmamakta*",
    "bulunmuyor*", "mevcut değil*", "mevcut degil*", "bilinmeyen*",
    "bilinmiyor*", "geçersiz*", "gecersiz*",
    // Russian and Ukrainian.
    "неизвест*", "отсутствует*", "недействит*",
    "не існує*", "не знайден*", "невідом*", "больше не работает*", "неверн*", "неправильн*", "несуществующ*",
    // Chinese, Japanese, Korean.
    "不存在*", "未注册*", "未找到*", "找不到*", "无效*", "無效*", "不明*", "已离职*", "已離職*", "はいません*", "がいません*", "登録されていません*",
    "存在しません*", "存在しな*", "見つかりません*", "존재하지*",
    "찾을 수 없습니다*", "가 없습니다*", "이 없습니다*",
    // Vietnamese, Indonesian, Arabic.
    "không tồn tại*", "không hợp lệ*", "tidak ditemukan*", "tidak dikenal*", "tidak valid*", "tidak ada",
    "tidak terdaftar*", "غير موجود*", "غير معروف*",
];

/// Predicates of a mailbox that is there and takes nothing.
#[rustfmt::skip]
pub(super) const CLOSED: &[&str] = &[
    "disabled", "deactivated", "suspended", "inactive", "not active",
    "currently suspended", "currently disabled", "currently inactive", "currently deactivated",
    "currently closed", "isn't active",
    "not activated", "not yet activated", "not been activated", "isn't activated", "not enabled",
    "inactivated", "is locked", "been locked", "was locked", "due to inactivity",
    "for inactivity", "because of inactivity", "retired", "out of use", "abandoned", "not in service",
    "no longer monitored", "no longer active", "is closed", "been closed", "closed", "discontinued",
    "terminated",
    "expired", "cancelled", "canceled", "frozen", "dormant", "de-activated", "no longer accepts*",
    "no longer accepting*", "no longer receive*", "does not accept mail anymore", "archivee",
    "archivée", "extended inactivity", "desactiv*", "désactiv*", "deaktiviert*", "gesperrt*",
    "desativad*", "inativ*", "disattivat*", "inactiv*", "nieaktywn*", "отключен*", "停用*", "禁用*",
    "無効*", "inaktiv*", "stillgelegt*", "abgelaufen*", "nicht aktiv", "uitgeschakeld*",
    "opgeheven", "niet actief", "suspendu*", "expiré*", "suspendid*", "deshabilitad*",
    "expirad*", "desabilitad*", "disabilitat*", "sospes*", "scadut*", "inattiv*", "non più attiv*",
    "non è più attiv*", "zawieszon*",
    "wyłączon*", "неактив*", "приостановлен*", "деактивирован*", "suspensa", "suspenso", "fermé*", "冻结*",
    "凍結*", "已注销*",
];

/// Words that make what follows in the sentence a mere possibility.
#[rustfmt::skip]
pub(super) const CONDITIONAL: &[&str] =
    &["possibly", "probably", "maybe", "perhaps", "could be", "if", "unless", "whether", "may", "might", "either", "in case", "falls", "wenn"];

/// What may follow an adjective that belongs to the noun before it: "user unknown in local table". Another
/// word there is a noun of its own: "the user has unknown contacts".
#[rustfmt::skip]
pub(super) const FOLLOWERS: &[&str] = &[
    "in", "here", "at", "on", "for", "or", "and", "to", "by", "within", "with", "as", "now", "from",
    "so", "because", "please", "any", "anymore", "this", "the", "but", "relay",
];

/// What makes the noun behind it a mere place: "recipient unknown on this host".
pub(super) const PREPOSITIONS: &[&str] = &["in", "at", "on", "within", "to"];

/// What makes the noun behind an adjective the one who is told: "the host is unknown to this user".
#[rustfmt::skip]
pub(super) const DATIVES: &[&str] = &["to", "of", "for", "für", "voor", "pour", "para", "dla", "для", "untuk"];

/// What is said of the mail rather than of the recipient behind it: "mail to <address> was deleted".
pub(super) const MAIL_TO: &[&str] =
    &["mail to", "mail for", "message to", "message for", "messages to", "messages for"];

/// What makes the noun behind it no more than whose the noun before it is: "TLS of the recipient".
#[rustfmt::skip]
pub(super) const GENITIVES: &[&str] = &["of", "du", "de", "del", "dell", "della", "do", "da", "des", "van", "von"];

/// The prepositions of places in other languages.
#[rustfmt::skip]
pub(super) const PREPOSITIONS_ELSEWHERE: &[&str] = &[
    "im", "auf", "bei", "dans", "sur", "en", "em", "neste", "nesta", "nel", "sul", "su", "op", "på", "w", "na",
    "v", "pe", "на", "в", "у", "di", "pada", "trên", "trong",
];
