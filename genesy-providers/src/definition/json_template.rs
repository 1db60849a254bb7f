//! JSON whose texts are templates.

use genesy_core::waterfall::{LeadFields, LeadInputs};
use serde_json::{Map, Number, Value};

use super::template::Template;

/// A JSON object whose texts are [`Template`]s, at any depth; numbers, `true` and `false` are sent as
/// they are written.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonTemplate(pub(super) Node);

/// A value of a JSON template.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Text(Template),
    Number(Number),
    Bool(bool),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl JsonTemplate {
    /// The JSON for a lead. A member or an element whose text needs a field that the lead lacks is left
    /// out; the object around it stays, even if it is empty then.
    pub fn render(&self, inputs: &LeadInputs) -> Value {
        self.0.render(inputs).unwrap_or_default()
    }

    /// Its fields, the optional ones among them.
    pub fn fields(&self) -> LeadFields {
        let mut fields = LeadFields::NONE;
        self.each_template(&mut |template| template.fields().iter().for_each(|f| fields.insert(f)));
        fields
    }

    /// Calls `visit` with each text of it.
    pub(super) fn each_template(&self, visit: &mut impl FnMut(&Template)) {
        self.0.each_template(visit);
    }
}

impl Node {
    fn render(&self, inputs: &LeadInputs) -> Option<Value> {
        Some(match self {
            Self::Text(template) => Value::String(template.render(inputs)?),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Bool(is_true) => Value::Bool(*is_true),
            Self::List(nodes) => nodes.iter().filter_map(|node| node.render(inputs)).collect(),
            Self::Object(members) => {
                let there = members
                    .iter()
                    .filter_map(|(name, node)| Some((name.clone(), node.render(inputs)?)));
                Value::Object(there.collect::<Map<_, _>>())
            }
        })
    }

    fn each_template(&self, visit: &mut impl FnMut(&Template)) {
        match self {
            Self::Text(template) => visit(template),
            Self::Number(_) | Self::Bool(_) => {}
            Self::List(nodes) => nodes.iter().for_each(|node| node.each_template(visit)),
            Self::Object(members) => {
                members.iter().for_each(|(_, node)| node.each_template(visit));
            }
        }
    }
}
