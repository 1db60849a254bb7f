//! A server that is killed in the midst of an import goes on where it was: each row is there once.

mod program;

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::json;

use self::program::{Program, integrity, kills};

/// How often it is killed; set `GENESY_HTTP_KILLS` for more.
const KILLS: u64 = 4;
const ROWS: usize = 30_000;

fn file(rows: usize) -> String {
    let mut file = String::from("Email,Name,City\n");
    for row in 0..rows {
        // Some repeat an address, some lack one.
        match row % 50 {
            7 => file.push_str(",,Nowhere\n"),
            8 => writeln!(file, "lead{}@example.com,Again,Paris", row - 8).expect("text"),
            _ => writeln!(file, "lead{row}@example.com,Lead {row},Rome").expect("text"),
        }
    }
    file
}

#[test]
fn a_killed_import_is_taken_up_again() {
    let kills = kills(KILLS);
    // As many rows as keep it busy that long.
    let rows = ROWS * usize::try_from(kills.div_ceil(KILLS)).expect("few");
    let folder = tempfile::tempdir().expect("a folder");
    let mut program = Program::start(folder.path());
    assert_eq!(program.send("POST", "/v1/imports?file_name=x.csv", &file(rows)).0, 201);
    assert_eq!(program.send("POST", "/v1/imports/1/commit", "").0, 202);
    let (mut seen, mut in_midst) = (0, 0);
    for kill in 0..kills {
        std::thread::sleep(Duration::from_millis(20 + kill * 37 % 150));
        let import = program.get("/v1/imports/1");
        let rows_read = import["rows_read"].as_u64().expect("a count");
        assert!(rows_read >= seen, "what was acknowledged is lost: {rows_read} of {seen}");
        seen = rows_read;
        in_midst += u64::from(import["state"] == "importing");
        drop(program);
        program = Program::start(folder.path());
    }
    println!("{in_midst} of {kills} kills came in the midst");
    assert!(in_midst > 0);
    let mut import = program.get("/v1/imports/1");
    while import["state"] == "importing" {
        std::thread::sleep(Duration::from_millis(20));
        import = program.get("/v1/imports/1");
    }
    let (rejected, duplicates) = (rows / 50, rows / 50);
    assert_eq!(import["state"], "imported", "{import}");
    assert_eq!(import["rows_read"], json!(rows));
    assert_eq!(import["leads_new"], json!(rows - rejected - duplicates));
    let count = program.get("/v1/leads/count");
    assert_eq!(count["count"], json!(rows - rejected - duplicates));
    let csv = program.send("GET", "/v1/imports/1/rejected.csv", "").1;
    // The stream comes in pieces, each with its length in a line before it.
    let rows = csv.lines().filter(|line| line.contains("Nowhere")).count();
    assert_eq!(rows, rejected);
    drop(program);
    assert_eq!(integrity(folder.path()), "ok");
    let store =
        rusqlite::Connection::open(folder.path().join("genesy.sqlite3")).expect("the store");
    let doubled: i64 = store
        .query_row("SELECT count(*) - count(DISTINCT row) FROM leads", [], |row| row.get(0))
        .expect("a count");
    assert_eq!(doubled, 0);
    let left = std::fs::read_dir(folder.path().join("imports")).expect("the folder").count();
    assert_eq!(left, 0, "the upload is removed");
}
