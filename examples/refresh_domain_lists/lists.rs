//! Making the three lists out of packages and the lists kept by hand.

use std::collections::BTreeSet;
use std::fmt::Write;

use genesy_core::address::{AddressRef, LOCAL_PART_OCTETS_MAX};
use psl::{List as PublicSuffixes, Psl};

use crate::kept::Kept;
use crate::packages::Packages;

/// A file of the library.
pub(crate) struct List {
    pub(crate) file: &'static str,
    pub(crate) text: String,
}

/// The names of RFC 2142, sections 3 to 6: business, network operations, services, mailing lists.
const RFC_2142: [&str; 16] = [
    "info",
    "marketing",
    "sales",
    "support",
    "abuse",
    "noc",
    "security",
    "postmaster",
    "hostmaster",
    "usenet",
    "news",
    "webmaster",
    "www",
    "uucp",
    "ftp",
    "list-request",
];

/// The domains of `free_mail.txt`.
pub(crate) fn free_mail_domains(packages: &Packages, kept: &Kept) -> BTreeSet<String> {
    let email_providers = domains(&packages.email_providers.words);
    let mailchecker = domains(&packages.mailchecker.words);
    let mut providers = domains(&packages.free_email_domains.words);
    providers.retain(|domain| email_providers.contains(domain) && !mailchecker.contains(domain));
    providers.extend(kept.free_mail.more.iter().cloned());
    providers.retain(|domain| !kept.free_mail.never.contains(domain));
    providers
}

pub(crate) fn free_mail(packages: &Packages, providers: &BTreeSet<String>) -> List {
    let about = format!(
        "Free-mail and consumer internet providers: a domain here is never taken for a company's.\n\
         Sources: the domains that both free-email-domains {} (MIT, Kiko Beats) and email-providers {}\n\
         (ISC, Jannis R) list, less those that mailchecker {} (MIT, FGRibreau) lists as disposable and less\n\
         companies, universities and newspapers; providers by country were added by hand.",
        packages.free_email_domains.version,
        packages.email_providers.version,
        packages.mailchecker.version,
    );
    list("free_mail.txt", &about, packages, providers)
}

/// Disposable domains: none that is a [provider](free_mail_domains) or a kept exception, or that one of
/// these is below, since a domain stands for all below it. For the same reason no public suffix, and
/// nothing below another domain of the list.
pub(crate) fn disposable(packages: &Packages, kept: &Kept, providers: &BTreeSet<String>) -> List {
    let mut found = domains(&packages.disposable_email_domains.words);
    found.append(&mut domains(&packages.fakefilter.words));
    found.extend(kept.disposable.more.iter().cloned());
    for exception in providers.iter().chain(&kept.disposable.never) {
        found.remove(exception);
        for parent in parents(exception) {
            found.remove(parent);
        }
    }
    found.retain(|domain| !is_public_suffix(domain));
    let found: BTreeSet<String> =
        found.iter().filter(|d| !parents(d).any(|p| found.contains(p))).cloned().collect();
    let about = format!(
        "Disposable domains: mailboxes for minutes, at these domains and at all below them.\n\
         Sources: disposable-email-domains {} (PyPI; the list is CC0, the package MIT, Dustin Ingram), and\n\
         of fakefilter {} (BSD-3-Clause, 7c) what services offered in the 180 days before that list was\n\
         made; less free-mail providers, private relays and forwarding services, and public suffixes.",
        packages.disposable_email_domains.version, packages.fakefilter.version,
    );
    list("disposable.txt", &about, packages, &found)
}

pub(crate) fn roles(packages: &Packages, kept: &Kept) -> List {
    let words = packages.role_based_email_addresses.words.iter().map(String::as_str);
    let mut roles: BTreeSet<String> = words.chain(RFC_2142).filter_map(joined).collect();
    roles.extend(kept.roles.more.iter().cloned());
    roles.retain(|role| !kept.roles.never.contains(role));
    let about = format!(
        "Local parts of roles, without what may separate their words (`.`, `-`, `_`).\n\
         Sources: role-based-email-addresses {} (MIT, Mixmax) less names of people, places and products;\n\
         RFC 2142, sections 3 to 6; other languages were added by hand.",
        packages.role_based_email_addresses.version,
    );
    list("roles.txt", &about, packages, &roles)
}

/// `words` a line, under comments that say how to make the file again.
fn list(file: &'static str, about: &str, packages: &Packages, words: &BTreeSet<String>) -> List {
    let commands = format!(
        "Written by examples/refresh_domain_lists; sorted by byte, one a line. See LICENSES.txt for the notices.\n\
         npm install --ignore-scripts --no-save --prefix packages free-email-domains@{} \\\n    \
             email-providers@{} mailchecker@{} fakefilter@{} role-based-email-addresses@{}\n\
         pip install --no-deps --target packages/python disposable-email-domains=={}\n\
         cargo run -p genesy-examples --example refresh_domain_lists -- packages",
        packages.free_email_domains.version,
        packages.email_providers.version,
        packages.mailchecker.version,
        packages.fakefilter.version,
        packages.role_based_email_addresses.version,
        packages.disposable_email_domains.version,
    );
    let mut text = String::new();
    for line in about.lines().chain(commands.lines()) {
        let _ = writeln!(text, "# {line}");
    }
    for word in words {
        let _ = writeln!(text, "{word}");
    }
    List { file, text }
}

/// `words` that are domains, as they are on the wire; packages hold a few that are none.
fn domains(words: &BTreeSet<String>) -> BTreeSet<String> {
    words.iter().filter_map(|word| domain_on_wire(word)).collect()
}

/// A domain of two labels at least, in A-labels and small letters.
pub(crate) fn domain_on_wire(domain: &str) -> Option<String> {
    let address = format!("x@{}", domain.trim());
    let normal = AddressRef::parse(&address).ok()?.normal_form();
    let (_, domain) = normal.split_once('@')?;
    domain.contains('.').then(|| domain.to_owned())
}

/// The domains that `domain` is below, less the top-level one.
fn parents(domain: &str) -> impl Iterator<Item = &str> {
    let mut name = domain;
    std::iter::from_fn(move || {
        name =
            name.split_once('.').map(|(_, parent)| parent).filter(|parent| parent.contains('.'))?;
        Some(name)
    })
}

/// Whether anyone may register names below `domain`, as at `co.uk`.
fn is_public_suffix(domain: &str) -> bool {
    PublicSuffixes
        .suffix(domain.as_bytes())
        .is_some_and(|suffix| suffix.as_bytes() == domain.as_bytes())
}

/// A local part without separators, in small letters; none without a letter, such as years.
pub(crate) fn joined(local_part: &str) -> Option<String> {
    let local_part = local_part.to_ascii_lowercase();
    let words = local_part.replace(['.', '-', '_'], "");
    let plain = words.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_word = plain && words.bytes().any(|byte| byte.is_ascii_alphabetic());
    (is_word && words.len() <= LOCAL_PART_OCTETS_MAX).then_some(words)
}
