//! How long the stages took.

use serde::{Deserialize, Serialize};

use crate::verification::verdict::Stage;

/// How long each stage took that was reached, in microseconds. One that took no time was reached, too: with
/// commands that are sent together, the recipient's reply comes with the sender's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredTimes", into = "StoredTimes")]
pub(super) struct StageTimes {
    us: [u64; Stage::ALL.len()],
    /// The stages that were reached, a bit each.
    reached: u16,
}

type StoredTimes = [Option<u64>; Stage::ALL.len()];

impl StageTimes {
    pub(super) const fn add(&mut self, stage: Stage, time_us: u64) {
        let sum = &mut self.us[stage as usize];
        *sum = sum.saturating_add(time_us);
        self.reached |= 1 << stage as u16;
    }

    pub(super) const fn of(&self, stage: Stage) -> u64 {
        self.us[stage as usize]
    }

    fn taken(&self, stage: Stage) -> Option<u64> {
        (self.reached & 1 << stage as u16 != 0).then_some(self.of(stage))
    }

    pub(super) fn reached(&self) -> Vec<(Stage, u64)> {
        let taken = |stage: Stage| self.taken(stage).map(|us| (stage, us));
        Stage::ALL.into_iter().filter_map(taken).collect()
    }
}

impl From<StoredTimes> for StageTimes {
    fn from(stored: StoredTimes) -> Self {
        let mut times = Self::default();
        for (stage, us) in Stage::ALL.into_iter().zip(stored) {
            if let Some(us) = us {
                times.add(stage, us);
            }
        }
        times
    }
}

impl From<StageTimes> for StoredTimes {
    fn from(times: StageTimes) -> Self {
        Stage::ALL.map(|stage| times.taken(stage))
    }
}

#[cfg(test)]
mod tests {
    use super::Stage;

    #[test]
    fn stages_are_numbered_as_they_are_listed() {
        for (place, stage) in Stage::ALL.into_iter().enumerate() {
            assert_eq!(stage as usize, place);
        }
    }
}
