//! JSON whose texts are templates.

use genesy_core::waterfall::{LeadFields, LeadInputs};
use serde::{Serialize, Serializer};
use serde_json::{Number, Value};

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
        serde_json::to_value(self.filled(inputs)).unwrap_or_default()
    }

    /// The same, to be written without a tree of values in between.
    pub(crate) const fn filled<'a>(&'a self, inputs: &'a LeadInputs) -> Filled<'a> {
        Filled { node: &self.0, inputs }
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

/// A JSON template with a lead.
#[derive(Clone, Copy)]
pub(crate) struct Filled<'a> {
    node: &'a Node,
    inputs: &'a LeadInputs,
}

impl<'a> Filled<'a> {
    /// A part of it, unless it is a text that needs a field that the lead lacks.
    fn part(self, node: &'a Node) -> Option<Self> {
        let is_there = match node {
            Node::Text(template) => template.is_filled_by(self.inputs),
            Node::Number(_) | Node::Bool(_) | Node::List(_) | Node::Object(_) => true,
        };
        is_there.then_some(Self { node, ..self })
    }
}

impl Serialize for Filled<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.node {
            Node::Text(template) => template.text(self.inputs).serialize(serializer),
            Node::Number(number) => number.serialize(serializer),
            Node::Bool(is_true) => serializer.serialize_bool(*is_true),
            Node::List(nodes) => {
                serializer.collect_seq(nodes.iter().filter_map(|node| self.part(node)))
            }
            Node::Object(members) => {
                let there =
                    members.iter().filter_map(|(name, node)| Some((name, self.part(node)?)));
                serializer.collect_map(there)
            }
        }
    }
}
