//! A lead that is there takes from a row what it lacks.

use genesy_core::pii::Pii;

use crate::store::imports::FileColumn;
use crate::store::leads::{Extra, LeadFields, LeadRow, NewLead};
use crate::store::provenance;

/// What a lead is when it has taken from a row what it lacks. Its own values stay.
pub(crate) fn fill_blanks(
    known: &LeadRow,
    row: &NewLead,
    columns: &[FileColumn],
) -> (LeadFields, Extra) {
    let (mut fields, mut extra) = (known.fields.clone(), known.extra.clone());
    let other = row.fields.clone();
    fill(&mut fields.first_name, other.first_name);
    fill(&mut fields.last_name, other.last_name);
    fill(&mut fields.job_title, other.job_title);
    fill(&mut fields.country, other.country);
    fill(&mut fields.company_name, other.company_name);
    fill(&mut fields.company_domain, other.company_domain);
    fill(&mut fields.linkedin_url, other.linkedin_url);
    fill(&mut fields.years_in_role, other.years_in_role);
    if fields.email.is_none() {
        fields.email = other.email;
    } else if other.email != fields.email {
        add(&mut extra.emails, other.email);
    }
    // What is no number must not hide one.
    let is_better = fields.phone_is_valid.is_none() && other.phone_is_valid.is_some();
    if fields.phone.is_none() || is_better {
        add(&mut extra.phones, fields.phone.take());
        fields.phone = other.phone;
        fields.phone_extension = other.phone_extension;
        fields.phone_is_valid = other.phone_is_valid;
    } else if other.phone != fields.phone {
        add(&mut extra.phones, other.phone);
    }
    let theirs: Extra =
        row.extra.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let is_own = |mine: Option<&Pii<String>>, text: &Pii<String>| mine == Some(text);
    for email in theirs.emails {
        if !is_own(fields.email.as_ref(), &email) {
            add(&mut extra.emails, Some(email));
        }
    }
    for phone in theirs.phones {
        if !is_own(fields.phone.as_ref(), &phone) {
            add(&mut extra.phones, Some(phone));
        }
    }
    let is_same_file = known.import_id == row.from.map(|(import, _)| import);
    let mut others = Vec::new();
    for (index, text) in theirs.columns {
        if !is_same_file {
            others.push((index, text));
        } else if extra.columns.iter().all(|(mine, _)| *mine != index) {
            extra.columns.push((index, text));
        }
    }
    // What a cell says to the letter, where no field does.
    let said = provenance::texts(&fields);
    let is_said = |text: &Pii<String>| {
        let text = text.reveal().trim();
        said.iter().any(|(_, mine)| mine.as_deref() == Some(text))
    };
    let cells = theirs.cells.into_iter();
    let cells = cells
        .filter(|(_, text)| !is_said(text) && extra.cells.iter().all(|(_, mine)| mine != text));
    others.extend(cells);
    for (index, text) in others {
        let header = columns.get(index).map(|column| column.header.clone());
        let header = header.unwrap_or_else(|| format!("column_{}", index + 1));
        if !extra.named.iter().any(|(mine, value)| *mine == header && *value == text) {
            extra.named.push((header, text));
        }
    }
    extra.columns.sort_by_key(|(index, _)| *index);
    (fields, extra)
}

fn fill<T>(mine: &mut Option<T>, other: Option<T>) {
    if mine.is_none() {
        *mine = other;
    }
}

fn add(list: &mut Vec<Pii<String>>, text: Option<Pii<String>>) {
    if let Some(text) = text
        && !list.contains(&text)
    {
        list.push(text);
    }
}
