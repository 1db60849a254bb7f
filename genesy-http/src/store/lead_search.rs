//! Search by words: each is the beginning of a word of the name, the company or the e-mail address.

use rusqlite::Connection;

/// Words of one search at most: those behind them are not looked at.
const WORDS_MAX: usize = 8;

/// The condition on the table `leads`; its value comes from [`query`].
pub(super) const CONDITION: &str = "id IN (SELECT rowid FROM lead_words WHERE lead_words MATCH ?)";

/// The query of the full-text index for words as people write them; nothing if there is no word in it.
pub(super) fn query(words: &str) -> Option<String> {
    let words = words.split(|character: char| !character.is_alphanumeric());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .take(WORDS_MAX)
        .map(|word| format!("\"{word}\"*"))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// The leads that the words are in, in rising order.
pub(super) fn find(store: &Connection, words: &str) -> rusqlite::Result<Vec<i64>> {
    let Some(query) = query(words) else { return Ok(Vec::new()) };
    let mut list = store
        .prepare_cached("SELECT rowid FROM lead_words WHERE lead_words MATCH ?1 ORDER BY rowid")?;
    list.query_map([query], |row| row.get(0))?.collect()
}

#[cfg(test)]
mod tests {
    use super::query;

    #[test]
    fn words_cannot_be_taken_for_operators() {
        assert_eq!(query("ada OR \"lov*"), Some("\"ada\"* \"OR\"* \"lov\"*".to_owned()));
        assert_eq!(query("ada@example.com"), Some("\"ada\"* \"example\"* \"com\"*".to_owned()));
        assert_eq!(query(" -*\" "), None);
    }
}
