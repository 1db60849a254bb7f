//! Texts with places for what a lead says.

use std::borrow::Cow;

use genesy_core::waterfall::{LeadField, LeadFields, LeadInputs};

use super::error::{Mistake, quoted};

/// A text in which `{email}` and `{job_title?}` stand for what the lead says.
///
/// | written | stands for |
/// |---|---|
/// | `{field}` | the field; a lead that lacks it is not asked for |
/// | `{field?}` | the field; where the lead lacks it, the whole text is left out |
/// | `{{`, `}}` | a brace |
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text of the definition.
    Literal(String),
    /// What the lead says.
    Field { field: LeadField, is_optional: bool },
}

impl Template {
    /// The text for a lead; nothing if the lead lacks a field of it.
    pub fn render(&self, inputs: &LeadInputs) -> Option<String> {
        self.render_with(inputs, |text, rendered| rendered.push_str(text))
    }

    /// The same; not copied if it is all one piece.
    pub(super) fn text<'a>(&'a self, inputs: &'a LeadInputs) -> Option<Cow<'a, str>> {
        match self.0.as_slice() {
            [Piece::Literal(text)] => Some(text.into()),
            [Piece::Field { field, .. }] => inputs.get(*field).map(Cow::from),
            _ => self.render(inputs).map(Cow::from),
        }
    }

    /// Whether a lead has all its fields.
    pub(super) fn is_filled_by(&self, inputs: &LeadInputs) -> bool {
        self.0.iter().all(|piece| match piece {
            Piece::Literal(_) => true,
            Piece::Field { field, .. } => inputs.get(*field).is_some(),
        })
    }

    /// Its fields, the optional ones among them.
    pub fn fields(&self) -> LeadFields {
        self.fields_where(|_| true)
    }

    /// The fields without which the lead is not asked for.
    pub fn required_fields(&self) -> LeadFields {
        self.fields_where(|is_optional| !is_optional)
    }

    /// The same as [`Self::render`], with `push` to append what the lead says.
    pub(super) fn render_with(
        &self,
        inputs: &LeadInputs,
        push: impl Fn(&str, &mut String),
    ) -> Option<String> {
        let mut rendered = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Literal(text) => rendered.push_str(text),
                Piece::Field { field, .. } => push(inputs.get(*field)?, &mut rendered),
            }
        }
        Some(rendered)
    }

    /// The definition's own text in it, piece by piece.
    pub(super) fn literals(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Literal(text) => Some(text.as_str()),
            Piece::Field { .. } => None,
        })
    }

    pub(super) fn parse(text: &str) -> Result<Self, Mistake> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(brace) = rest.find(['{', '}']) {
            literal.push_str(&rest[..brace]);
            let tail = &rest[brace..];
            if tail.starts_with("{{") || tail.starts_with("}}") {
                literal.push_str(&tail[..1]);
                rest = &tail[2..];
                continue;
            }
            let Some(close) = tail.starts_with('{').then(|| tail.find('}')).flatten() else {
                return Err(unpaired(text, &tail[..1]));
            };
            if !literal.is_empty() {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            }
            pieces.push(Piece::parse(&tail[1..close])?);
            rest = &tail[close + 1..];
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        Ok(Self(pieces))
    }

    fn fields_where(&self, counts: impl Fn(bool) -> bool) -> LeadFields {
        let mut fields = LeadFields::NONE;
        for piece in &self.0 {
            match piece {
                Piece::Field { field, is_optional } if counts(*is_optional) => {
                    fields.insert(*field);
                }
                Piece::Field { .. } | Piece::Literal(_) => {}
            }
        }
        fields
    }
}

impl Piece {
    /// What stands between two braces.
    fn parse(inside: &str) -> Result<Self, Mistake> {
        let name = inside.strip_suffix('?').unwrap_or(inside);
        let is_optional = name.len() < inside.len();
        match LeadField::ALL.iter().copied().find(|field| field.name() == name) {
            Some(field) => Ok(Self::Field { field, is_optional }),
            None => Err(Mistake::new(
                format!("{} names no field of a lead", quoted(&format!("{{{inside}}}"))),
                format!(
                    "use one of {}",
                    LeadField::ALL.iter().map(|field| field.name()).collect::<Vec<_>>().join(", ")
                ),
            )),
        }
    }
}

fn unpaired(text: &str, brace: &str) -> Mistake {
    let (state, other) = if brace == "{" { ("closed", "}") } else { ("opened", "{") };
    Mistake::new(
        format!("a {brace} in {} is never {state}", quoted(text)),
        format!("add the {other}, or write {brace}{brace} for a brace itself"),
    )
}

#[cfg(test)]
mod tests {
    use genesy_core::waterfall::{LeadField, LeadFields, LeadInputs};

    use super::Template;

    #[test]
    fn what_is_between_braces_comes_from_the_lead() {
        let lead = LeadInputs::default()
            .with(LeadField::Email, "ada@example.com")
            .with(LeadField::LastName, "{email}");
        for (template, expected) in [
            ("", Some("")),
            ("plain", Some("plain")),
            ("{email}", Some("ada@example.com")),
            ("Ms {last_name}, <{email?}>", Some("Ms {email}, <ada@example.com>")),
            ("{{email}}", Some("{email}")),
            ("{{{email}}}", Some("{ada@example.com}")),
            ("é{{é}}é", Some("é{é}é")),
            ("{job_title}", None),
            ("as {job_title?}", None),
        ] {
            let rendered = Template::parse(template).unwrap().render(&lead);
            assert_eq!(rendered.as_deref(), expected, "{template}");
        }
    }

    #[test]
    fn optional_fields_are_fields_too() {
        let template = Template::parse("{email} {job_title?}").unwrap();
        let both = LeadFields::of(&[LeadField::Email, LeadField::JobTitle]);
        assert_eq!(template.fields(), both);
        assert_eq!(template.required_fields(), LeadFields::of(&[LeadField::Email]));
    }

    #[test]
    fn braces_pair_and_hold_a_field() {
        for (template, found) in [
            ("{", "a { in \"{\" is never closed"),
            ("a {email", "a { in \"a {email\" is never closed"),
            ("a } b", "a } in \"a } b\" is never opened"),
            ("{}", "\"{}\" names no field of a lead"),
            ("{?}", "\"{?}\" names no field of a lead"),
            ("{email??}", "\"{email??}\" names no field of a lead"),
            ("{ email }", "\"{ email }\" names no field of a lead"),
            ("{{{email}", ""),
        ] {
            let result = Template::parse(template);
            match found {
                "" => assert!(result.is_ok(), "{template}"),
                _ => assert_eq!(result.unwrap_err().found, found),
            }
        }
    }
}
