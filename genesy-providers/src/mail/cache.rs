//! Answers that are remembered.
//!
//! The library's own cache copies the whole message for each look-up; here it is a reference count.

use std::collections::HashMap;
use std::fmt;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

/// Answers by name, each until its time ends. What is asked for stays when there are too many.
pub(crate) struct Cache<T> {
    generations: Mutex<Generations<T>>,
    /// Entries of one generation at most.
    generation_entries_max: usize,
}

/// Two maps: new entries go to the first. When that is full it becomes the second, whose entries, which
/// nobody asked for meanwhile, are gone.
struct Generations<T> {
    young: HashMap<Box<str>, Entry<T>>,
    old: HashMap<Box<str>, Entry<T>>,
}

#[derive(Clone)]
struct Entry<T> {
    answer: T,
    until: Instant,
}

/// Names are those of leads' domains, and are not shown.
impl<T> fmt::Debug for Cache<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").finish_non_exhaustive()
    }
}

impl<T: Clone> Cache<T> {
    /// A cache of so many entries at most. With none it remembers nothing.
    pub(crate) fn new(entries_max: usize) -> Self {
        let generations = Generations { young: HashMap::new(), old: HashMap::new() };
        Self {
            generations: Mutex::new(generations),
            generation_entries_max: entries_max.div_ceil(2),
        }
    }

    /// The answer that is remembered for a name.
    pub(crate) fn get(&self, name: &str, now: Instant) -> Option<T> {
        let mut generations = self.lock();
        if let Some(entry) = generations.young.get(name) {
            return (now < entry.until).then(|| entry.answer.clone());
        }
        let (name, entry) = generations.old.remove_entry(name)?;
        if now >= entry.until {
            return None;
        }
        let answer = entry.answer.clone();
        self.insert(&mut generations, name, entry);
        Some(answer)
    }

    /// Remembers an answer until a time.
    pub(crate) fn put(&self, name: &str, answer: T, until: Instant) {
        if self.generation_entries_max > 0 {
            self.insert(&mut self.lock(), name.into(), Entry { answer, until });
        }
    }

    fn insert(&self, generations: &mut Generations<T>, name: Box<str>, entry: Entry<T>) {
        if generations.young.len() >= self.generation_entries_max
            && !generations.young.contains_key(&name)
        {
            generations.old = mem::take(&mut generations.young);
        }
        generations.young.insert(name, entry);
    }

    /// An entry is whole at all times, so a panic elsewhere spoils nothing.
    fn lock(&self) -> MutexGuard<'_, Generations<T>> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_answer_ends_with_its_time() {
        let cache = Cache::new(4);
        let now = Instant::now();
        let until = now + Duration::from_secs(1);
        cache.put("a.example", 1, until);
        assert_eq!(cache.get("a.example", now), Some(1));
        assert_eq!(cache.get("a.example", until), None);
        assert_eq!(cache.get("b.example", now), None);
    }

    #[test]
    fn what_is_asked_for_stays_and_the_number_is_bounded() {
        let cache = Cache::new(8);
        let now = Instant::now();
        let until = now + Duration::from_secs(1);
        cache.put("kept.example", 0, until);
        for at in 1..100 {
            cache.put(&format!("{at}.example"), at, until);
            assert_eq!(cache.get("kept.example", now), Some(0), "after {at}");
            let generations = cache.lock();
            assert!(generations.young.len() + generations.old.len() <= 8, "after {at}");
        }
        assert_eq!(cache.get("1.example", now), None);
        assert_eq!(cache.get("99.example", now), Some(99));
    }

    #[test]
    fn a_cache_of_none_remembers_nothing() {
        let cache = Cache::new(0);
        let now = Instant::now();
        cache.put("a.example", 1, now + Duration::from_secs(1));
        assert_eq!(cache.get("a.example", now), None);
    }
}
