//! E-mail addresses: RFC 5321 mailboxes, RFC 6531 internationalised ones, and their normal form.
