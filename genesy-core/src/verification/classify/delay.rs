//! How long a greylisting server asks to wait.

/// A longer wait is no greylisting: it is left out.
const DELAY_S_MAX: u32 = 24 * 60 * 60;

/// Words that stand before a wait.
const BEFORE: [&str; 6] = ["in", "for", "after", "wait", "least", "until"];

/// The seconds that `text` asks to wait: "in 300 seconds", "for 5 minutes", "in 00:04:30", "wait 60s".
pub(super) fn retry_after_s(text: &str) -> Option<u32> {
    let mut words = text
        .split(' ')
        .map(|word| word.trim_matches(|letter: char| "()[],.;!<>'\"".contains(letter)));
    let mut before = "";
    let delay = loop {
        let word = words.next()?;
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = word.split_at(digits);
        if let Ok(number) = number.parse::<u32>() {
            let unit =
                if rest.is_empty() { words.clone().next().unwrap_or_default() } else { rest };
            let is_waited = BEFORE.iter().any(|listed| before.eq_ignore_ascii_case(listed));
            match seconds_of(unit) {
                Some(unit) => break number.checked_mul(unit)?,
                None if is_waited && rest.starts_with(':') => break clock(word)?,
                None => {}
            }
        }
        before = word;
    };
    (1..=DELAY_S_MAX).contains(&delay).then_some(delay)
}

/// The seconds of a unit.
fn seconds_of(unit: &str) -> Option<u32> {
    let is = |names: &[&str]| names.iter().any(|name| unit.eq_ignore_ascii_case(name));
    if is(&["s", "sec", "secs", "second", "seconds", "sekunden", "secondes", "segundos"]) {
        Some(1)
    } else if is(&["m", "min", "mins", "minute", "minutes", "minuten", "minutos", "minuti"]) {
        Some(60)
    } else if is(&["h", "hour", "hours", "stunden", "heures"]) {
        Some(60 * 60)
    } else {
        None
    }
}

/// The seconds of `minutes:seconds` or `hours:minutes:seconds`.
fn clock(word: &str) -> Option<u32> {
    word.split(':').try_fold(0_u32, |sum, part| {
        sum.checked_mul(60)?.checked_add(part.parse().ok().filter(|part: &u32| *part < 60)?)
    })
}

#[cfg(test)]
mod tests {
    use super::retry_after_s;

    #[test]
    fn waits_as_servers_say_them() {
        for (text, seconds) in [
            ("Greylisted, try again in 300 seconds", Some(300)),
            ("Greylisting in action, please come back in 00:05:00", Some(300)),
            ("greylisted for 5 minutes", Some(300)),
            ("Greylisted, see http://postgrey.schweikert.ch/help/example.com.html", None),
            ("try again in 4:59", Some(299)),
            ("wait 60s.", Some(60)),
            ("Greylisted (2 hours)", Some(7200)),
            ("4.2.0 greylisted at 12:30:01", None),
            ("in 99999999999 seconds", None),
            ("in 4000000000 minutes", None),
            ("in 0 seconds", None),
            ("", None),
        ] {
            assert_eq!(retry_after_s(text), seconds, "{text}");
        }
    }
}
