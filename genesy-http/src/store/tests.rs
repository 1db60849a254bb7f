//! What the store promises when something fails.

use std::sync::mpsc;

use super::lead_filter::LeadFilter;
use super::*;

fn insert(transaction: &Transaction<'_>, name: &str) -> rusqlite::Result<usize> {
    let insert = "INSERT INTO imports (file_name, state, created_at) VALUES (?1, 'ready', 0)";
    transaction.execute(insert, [name])
}

async fn names(store: &Store) -> Vec<String> {
    let names = store.read(|store| {
        let mut names = store.prepare("SELECT file_name FROM imports ORDER BY id")?;
        names.query_map([], |row| row.get(0))?.collect()
    });
    names.await.expect("names")
}

/// Keeps the thread busy until the sender is dropped, so that what is asked meanwhile is one group.
fn hold(store: &Store) -> (mpsc::Sender<()>, impl Future<Output = Result<(), StoreError>>) {
    let (sender, receiver) = mpsc::channel::<()>();
    let held = store.write(move |_| {
        // It ends with the sender.
        let _ = receiver.recv();
        Ok(())
    });
    (sender, held)
}

#[tokio::test]
async fn a_panic_fails_its_own_write_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let broken = store.write(|transaction| {
        insert(transaction, "broken")?;
        if transaction.changes() > 0 {
            panic!("a fault");
        }
        Ok(())
    });
    let (broken, fine) =
        tokio::join!(broken, store.write(|transaction| insert(transaction, "fine")));
    assert!(matches!(broken, Err(StoreError::Panicked)), "{broken:?}");
    fine.expect("it is written");
    assert_eq!(names(&store).await, ["fine"]);
}

#[tokio::test]
async fn a_full_disk_is_told_and_leaves_no_half_of_a_group() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let limit = |pages: u32| {
        move |transaction: &Transaction<'_>| {
            transaction.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
        }
    };
    let (held, holding) = hold(&store);
    let release = async { drop(held) };
    // SQLite raises it to what there is.
    let (_, limited, before, full, behind, ()) = tokio::join!(
        holding,
        store.write(limit(1)),
        store.write(|transaction| insert(transaction, "before")),
        store.write(|transaction| insert(transaction, &"x".repeat(1_000_000))),
        store.write(|transaction| insert(transaction, "behind")),
        release,
    );
    assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
    // These were told to be whole, or to have failed for the same reason, and are so.
    let is_whole = |result: Result<(), StoreError>| match result {
        Ok(()) => true,
        Err(StoreError::Full) => false,
        Err(other) => panic!("{other:?}"),
    };
    is_whole(limited);
    let mut expected = Vec::new();
    for (name, result) in [("before", before), ("behind", behind)] {
        expected.extend(is_whole(result.map(drop)).then_some(name));
    }
    assert_eq!(expected, ["behind"]);
    assert_eq!(names(&store).await, expected);
    store.write(limit(u32::MAX)).await.expect("room");
    let large = store.write(|transaction| insert(transaction, &"x".repeat(1_000_000)));
    large.await.expect("it is written");
}

#[tokio::test]
async fn a_catalog_that_cannot_be_brought_up_to_date_fails_no_write_and_catches_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let written = store.write(|transaction| {
        transaction.execute_batch(
            "INSERT INTO leads (created_at, updated_at) VALUES (0, 0); \
             ALTER TABLE leads RENAME COLUMN phone_outcome TO hidden;",
        )
    });
    written.await.expect("it is committed");
    let rename = "ALTER TABLE leads RENAME COLUMN hidden TO phone_outcome";
    store.write(|transaction| transaction.execute_batch(rename)).await.expect("it is back");
    let catalog = Arc::clone(store.catalog());
    let count = store.read(move |_| catalog.count(&LeadFilter::default()));
    assert_eq!(count.await.expect("a count"), 1);
}

#[tokio::test]
async fn the_log_is_folded_when_nobody_reads_of_it_and_writes_go_on_meanwhile() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    store.write(|transaction| insert(transaction, "one")).await.expect("it is written");
    let (reading, read) = (mpsc::channel::<()>(), store.clone());
    let (sender, receiver) = reading;
    let reader = tokio::spawn(async move {
        let work = move |store: &Connection| {
            store.execute_batch("BEGIN; SELECT count(*) FROM imports")?;
            let _ = receiver.recv();
            store.execute_batch("COMMIT")
        };
        read.read(work).await
    });
    let waiting = store.clone();
    let folding = tokio::spawn(async move { waiting.fold().await });
    for _ in 0..20 {
        store.write(|transaction| insert(transaction, "more")).await.expect("it is written");
    }
    drop(sender);
    reader.await.expect("no panic").expect("it is read");
    folding.await.expect("no panic").expect("it is folded");
    store.fold().await.expect("it is folded");
    let log = folder.path().join(format!("{}-wal", FILE_NAME));
    assert_eq!(std::fs::metadata(log).expect("the log").len(), 0);
}

#[tokio::test]
async fn who_goes_does_not_let_more_read_at_a_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let mut senders = Vec::new();
    for _ in 0..READERS_MAX {
        let (sender, receiver) = mpsc::channel::<()>();
        let mut read = Box::pin(store.read(move |_| {
            let _ = receiver.recv();
            Ok(())
        }));
        assert!(futures_util::poll!(&mut read).is_pending());
        senders.push(sender);
    }
    let mut next = Box::pin(store.read(|_| Ok(())));
    let early = tokio::time::timeout(Duration::from_millis(200), &mut next).await;
    assert!(early.is_err(), "more than may read at a time");
    drop(senders);
    next.await.expect("it is read");
}

#[tokio::test]
async fn the_log_stays_small_when_few_rows_are_large() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let log = folder.path().join(format!("{FILE_NAME}-wal"));
    let mut longest = 0;
    for _ in 0..160 {
        let name = "x".repeat(1024 * 1024);
        store.write(move |transaction| insert(transaction, &name)).await.expect("it is written");
        longest = longest.max(log.metadata().expect("the log").len());
    }
    // 64 MiB, and what is written while somebody folds.
    assert!(longest < 80 * 1024 * 1024, "{longest} bytes of 160 MiB");
}
