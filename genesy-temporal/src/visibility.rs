//! What lists of workflows show, without a worker: search attributes, or the memo where the namespace does not
//! have them. No personal data is among it, since the server stores it in the clear.

use temporalio_common::Memo;
use temporalio_common::search_attributes::{
    SearchAttributeKey, SearchAttributeUpdate, SearchAttributes,
};
use temporalio_sdk::{MemoValue, WorkflowContext};

/// The name of the outcome; nothing until there is one.
pub const OUTCOME: &str = "GenesyOutcome";
/// The provider that is asked, or was asked last. A further step that begins in a run's first [ten
/// seconds](crate::phone::SHOWN_AFTER) is not shown: whoever wants it exactly asks for the run's progress.
pub const PROVIDER: &str = "GenesyProvider";

/// All of them.
pub(crate) const ALL: [&str; 2] = [OUTCOME, PROVIDER];

const OUTCOME_KEY: SearchAttributeKey<String> = SearchAttributeKey::keyword(OUTCOME);
const PROVIDER_KEY: SearchAttributeKey<String> = SearchAttributeKey::keyword(PROVIDER);

/// What is shown of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) outcome: Option<String>,
    pub(crate) provider: Option<String>,
}

impl Shown {
    /// What the server has.
    pub(crate) fn of(attributes: &SearchAttributes, memo: &Memo) -> Self {
        // A memo that cannot be read is as good as none.
        let noted = |key: &str| memo.get::<String>(key).ok().flatten();
        Self {
            outcome: attributes.get(&OUTCOME_KEY).or_else(|| noted(OUTCOME)),
            provider: attributes.get(&PROVIDER_KEY).or_else(|| noted(PROVIDER)),
        }
    }

    /// Shows it, as what has changed since.
    pub(crate) fn show<W>(self, ctx: &WorkflowContext<W>, is_searchable: bool) {
        if is_searchable {
            ctx.upsert_search_attributes(self.updates());
            return;
        }
        let fields = [(OUTCOME, self.outcome), (PROVIDER, self.provider)];
        let there = fields.into_iter().filter_map(|(key, value)| Some((key, value?)));
        let memo: Vec<_> = there.map(|(key, value)| (key, Some(MemoValue::new(value)))).collect();
        // A text is always written.
        let _ = ctx.upsert_memo(memo);
    }

    /// As a run is begun with it.
    pub(crate) fn attributes(self) -> SearchAttributes {
        SearchAttributes::new(self.updates())
    }

    fn updates(self) -> Vec<SearchAttributeUpdate> {
        let outcome = self.outcome.map(|outcome| OUTCOME_KEY.value_set(outcome));
        let provider = self.provider.map(|provider| PROVIDER_KEY.value_set(provider));
        outcome.into_iter().chain(provider).collect()
    }
}
