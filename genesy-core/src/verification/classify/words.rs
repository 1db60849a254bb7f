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
    "colleague", "staff member", "email id", "e-mail id", "mail id",
    // English as it is misspelled.
    "recepient*", "reciepient*", "recipent*", "recipiant*",
    // French.
    "utilisateur", "destinataire", "destinataires", "boite", "boîte", "bo\u{fffd}te",
    "compte", "abonné", "usager", "salarié", "employé", "collaborateur",
    // German, Dutch, and the Nordic languages.
    "benutzer", "empfänger*", "empfaenger*", "empf\u{fffd}nger*", "postfach", "konto",
    "mailadresse", "e-mail-adresse", "emailadresse", "mailkonto", "nutzer", "benutzerkonto", "teilnehmer",
    "mitarbeiter*",
    "adresse*", "kontot", "kontoen", "e-postadresse*", "brevlåd*", "postkasse*", "medewerker", "postvak",
    "gebruiker", "ontvanger", "adres*", "e-mailadres", "emailadres", "mottagare*", "användare*",
    "modtager*", "bruger*", "bruker*", "mottaker*", "käyttäjä*", "vastaanottaja*",
    "osoite", "osoitetta", "sähköpostioso*", "postilaatik*",
    // Spanish, Portuguese, Italian, Romanian.
    "usuario", "usuário", "usu\u{fffd}rio", "destinatario", "destinatário", "destinat\u{fffd}rio",
    "cuenta", "buzon", "buzón", "buz\u{fffd}n", "casilla", "direccion", "dirección",
    "direcci\u{fffd}n", "persona", "conta", "caixa postal", "caixa de correio", "endereco",
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
    "Адрес*", "аккаунт*", "учетная запись", "учётная запись", "сотрудник*", "абонент*", "користувач*", "одержувач*",
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
    "problem", "transport",
    "balance", "user balance", "account balance",
    "address family", "address record*", "address list*", "address literal*", "address range*",
    // Addresses of hosts, domains, servers, and what else is looked for in other languages.
    "ip-address*", "adresse ip", "ip-adresse*", "dirección ip", "direccion ip", "endereço ip", "endereco ip",
    "indirizzo ip", "ip-adres*", "adres ip", "adresa ip", "ip-адрес*", "ip адрес*", "ip-cím*", "ip-osoite*",
    "ip adresi", "διεύθυνση ip", "ip地址*", "ip 地址*", "ipアドレス*", "ip アドレス*", "ip 주소*", "ip주소*",
    "địa chỉ ip", "alamat ip", "عنوان ip", "domaine*", "dominio*", "domínio*", "domäne*", "domen*",
    "domén*", "домен*", "域名*", "網域*", "ドメイン*", "도메인*", "tên miền", "النطاق*", "serveur*", "servidor*", "serwer*",
    "сервер*", "服务器*", "伺服器*", "サーバ*", "서버*", "máy chủ", "권한*", "izin", "formato*", "formatting", "input", "парол*", "команд*", "формат*",
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
    "not known", "isn't known", "not found", "notfound", "wasn't found", "not be found",
    "couldn't be found", "can't be found", "cannot be found", "not handled by",
    "does not exist*", "doesn't exist*", "doesn\u{2019}t exist*", "doesn`t exist*", "doesnt exist*",
    "do not exist*", "don't exist*", "did not exist", "not exist*", "is not exist*",
    // English as it is misspelled.
    "dosn't exist*", "does no exist*", "dose not exist*", "doesnot exist*", "does't exist*",
    "isunknown", "doesnotexist", "doesn't exsist*", "doesnt exsist*", "doesn't exit",
    "dont exist*", "not exsist*", "not exits", "not exit", "not exsit*", "no exists", "not exis",
    "is not valid", "not valid", "isn't valid", "not a valid", "not recognized", "not recognised",
    "not listed", "not present", "isn't listed", "not in directory",
    "not in the directory", "not in our*", "no longer exist*", "no longer valid",
    "no longer available", "no longer here", "no longer on server", "no longer in use",
    "no longer in service", "no longer active here", "no longer with*", "no longer works*",
    "no longer employed", "no longer used", "not used", "not registered", "not here", "isn't here",
    "no longer in existence", "ceased to exist*", "not in use", "isn't in use", "not available here",
    "doesn't work here*", "does not work here*", "does not currently exist*", "not appear to exist",
    "doesn't appear to exist", "doesn't seem to exist", "not seem to exist",
    "not appear in our*", "been permanently removed", "been permanently deleted", "not match any*",
    "not in the list of valid*", "not in table", "not in virtusertable", "currently does not exist*",
    "not defined", "was deleted", "been deleted", "is deleted", "been removed", "was removed",
    "could not be located", "not located", "have no mailbox", "has no mailbox", "no mail box",
    "not a known", "not an active", "not a user", "not a local user", "not known here", "has left",
    "does not have a*", "doesn't have a*", "not have an account", "not a mailbox", "was not found",
    "missing home*", "not hosted here", "not handled here", "have no mail", "has no mail",
    "not ok", "is gone", "not on this server", "not at this domain", "isn't a user",
    "is not a user", "not been created", "not assigned", "not allocated", "not created", "not configured here",
    "not in ldap*", "not in database*", "no longer at*", "not found in*",
];

/// Predicates that stand before a noun.
#[rustfmt::skip]
pub(super) const ABSENT_BEFORE: &[&str] = &[
    "no such", "not a valid", "not a known", "not a local", "no known", "there is no",
    "there's no", "no existing", "no matching", "bad destination", "don't know", "do not know",
    "don't have", "could not find", "couldn't find", "cannot find", "can't find", "unable to find",
    "no local", "unable to locate", "could not locate", "cannot locate", "can't locate",
    "no valid", "doesn't know", "does not know", "we do not have", "there is currently no", "bad",
    "aucun*", "kein", "keine", "keinen",
    "unbekannt*", "onbekende", "ungültige*", "geen",
    "no existe*", "não existe*", "non esist*", "nessun*", "brak", "nie ma", "nie ma takiego",
    "nie ma takiej", "нет", "Нет", "нет такого", "Нет такого", "неизвест*", "Неизвест*", "немає",
    "không tìm thấy*", "لا يوجد*",
    "无此*",
    "無此*", "查無此*", "沒有*", "没有*",
];

/// Adjectives that stand on either side.
#[rustfmt::skip]
pub(super) const ABSENT: &[&str] = &[
    "unknown", "non-exist*", "nonexist*", "non exist*", "not-exist*", "unexist*", "inexist*",
    "invalid", "incorrect", "unavailable or invalid", "unroutable", "unrouteable",
    "undeliverable", "unrecognized", "unrecognised", "wrong", "undefined",
    // English as it is misspelled.
    "unkown", "unknow", "unknwon", "unkonwn", "unknowed", "invaild", "invalied", "uknown",
];

/// The same in other languages, where the adjective often stands behind its noun.
#[rustfmt::skip]
pub(super) const ABSENT_ELSEWHERE: &[&str] = &[
    // French.
    "inconnu*", "n'existe p*", "n existe p*", "n\u{2019}existe p*", "n'existe plus", "introuvable*",
    "non trouv*", "non valide*", "invalide*", "n'est pas connu*", "inexistant*", "n'est plus valide*",
    "n\u{2019}est plus valide*",
    "n'est plus utilis*", "n'est plus en service", "ne travaille plus*", "a quitté*",
    // German, Dutch, and the Nordic languages.
    "unbekannt*", "existiert nicht", "nicht gefunden", "nicht vorhanden", "nicht bekannt",
    "nicht existent", "ungültig*", "ungueltig*", "ung\u{fffd}ltig*", "gibt es nicht",
    "existiert nicht mehr", "nicht mehr gültig", "nicht mehr vorhanden", "nicht mehr im unternehmen", "nicht mehr im haus*", "nicht mehr im dienst", "nicht mehr bei uns",
    "nicht mehr beschäftigt", "falsche*", "unternehmen verlassen", "firma verlassen", "niet meer in gebruik",
    "niet meer werkzaam*", "har slutat", "ei löytynyt", "ei ole käytössä", "onbekend*", "niet bekend", "bestaat niet",
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
    "bulunamad*", "yok", "bulunmamakta*", "bulunmuyor*", "mevcut değil*", "mevcut degil*", "bilinmeyen*",
    "bilinmiyor*", "geçersiz*", "gecersiz*",
    // Russian and Ukrainian.
    "не найден*", "не существует*", "неизвест*", "отсутствует*", "не зарегистр*", "недействит*",
    "не існує*", "не знайден*", "невідом*", "больше не работает*", "неверн*", "неправильн*", "несуществующ*",
    // Chinese, Japanese, Korean.
    "不存在*", "未找到*", "找不到*", "无效*", "無效*", "不明*", "已离职*", "已離職*", "存在しません*", "存在しな*", "見つかりません*", "존재하지*",
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
    "no longer monitored", "no longer active", "is closed", "been closed", "closed", "discontinued", "terminated",
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
pub(super) const DATIVES: &[&str] = &["to", "of", "für", "voor", "pour", "para", "dla", "для", "untuk"];

/// What makes the noun behind it no more than whose the noun before it is: "TLS of the recipient".
#[rustfmt::skip]
pub(super) const GENITIVES: &[&str] = &["of", "du", "de", "del", "dell", "della", "do", "da", "des", "van", "von"];

/// The prepositions of places in other languages.
#[rustfmt::skip]
pub(super) const PREPOSITIONS_ELSEWHERE: &[&str] = &[
    "im", "auf", "bei", "dans", "sur", "en", "em", "neste", "nesta", "nel", "sul", "su", "op", "på", "w", "na",
    "v", "pe", "на", "в", "у", "di", "pada", "trên", "trong",
];
