//! The parts of the normalizer on their own: what is understood once a file, then once a cell.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion};
use genesy_benches::leads::{HEADER, LeadsFile, Shape};
use genesy_core::address::{AddressRef, from_cell};
use genesy_core::country::{ColumnContext, Memo, is_exact_name, is_known, recognize};
use genesy_core::csv::dialect::{DialectOptions, sniff};
use genesy_core::csv::encoding::{detect, mojibake};
use genesy_core::csv::header::{Overrides, map_columns};
use genesy_core::csv::normalize::{Normalizer, Options};
use genesy_core::person_name::split_full_name;
use genesy_core::phone::{ParsedPhone, Region, Regions};
use genesy_core::website::{WebsiteRef, linkedin_profile};

/// Bytes of the files that are understood: one sample's worth and a bit.
const FILE_BYTES: usize = 300_000;
/// Seed of those files.
const SEED: u64 = 1;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(700))
        .configure_from_args();
    sniffing(&mut criterion);
    encodings(&mut criterion);
    understanding(&mut criterion);
    headers(&mut criterion);
    countries(&mut criterion);
    addresses(&mut criterion);
    websites(&mut criterion);
    phones(&mut criterion);
    texts(&mut criterion);
    criterion.final_summary();
}

/// Benches `run` on each named input of a group.
fn each<T: ?Sized, R>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    inputs: &[(&str, &T)],
    mut run: impl FnMut(&T) -> R,
) {
    for (name, input) in inputs {
        group.bench_with_input(BenchmarkId::from_parameter(name), *input, |bencher, input| {
            bencher.iter(|| black_box(run(black_box(input))));
        });
    }
}

fn files() -> Vec<(Shape, Vec<u8>)> {
    let file = |shape| (shape, LeadsFile::new(shape, FILE_BYTES, SEED).bytes);
    Shape::ALL.into_iter().map(file).collect()
}

/// The start of a file that the normalizer learns from.
fn sample(file: &[u8]) -> &[u8] {
    &file[..file.len().min(Options::SAMPLE_BYTES)]
}

fn sniffing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("dialect");
    let options = DialectOptions::default();
    for (shape, file) in files() {
        each(&mut group, &[(shape.name(), sample(&file))], |bytes| sniff(bytes, false, &options));
    }
    group.finish();
}

fn encodings(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("encoding");
    let text = LeadsFile::new(Shape::Utf8, FILE_BYTES, SEED).bytes;
    let text = String::from_utf8_lossy(&text).into_owned();
    let ascii: Vec<u8> = text.bytes().filter(u8::is_ascii).collect();
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let windows = LeadsFile::new(Shape::Windows1252, FILE_BYTES, SEED).bytes;
    let east = "山田太郎,株式会社表,東京都,日本\n".repeat(8_000);
    let (shift_jis, _, _) = encoding_rs::SHIFT_JIS.encode(&east);
    let inputs = [
        ("ASCII", sample(&ascii)),
        ("UTF-8", sample(text.as_bytes())),
        ("UTF-16LE", sample(&utf16)),
        ("windows-1252", sample(&windows)),
        ("Shift_JIS", sample(&shift_jis)),
    ];
    each(&mut group, &inputs, |bytes| detect(bytes, false, &is_exact_name));
    group.finish();
}

/// Encoding, dialect, header and mapping together: what comes before the first row.
fn understanding(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("understanding");
    for (shape, file) in files() {
        each(&mut group, &[(shape.name(), &file[..])], |bytes| {
            Normalizer::from_slice(bytes, Options::default()).is_ok()
        });
    }
    group.finish();
}

fn headers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("header mapping");
    let row = [
        "José",
        "García",
        "jose@example.es",
        "CTO",
        "España",
        "Señal S.A.",
        "senal.es",
        "+34 612 345 678",
        "3",
        "https://www.linkedin.com/in/jose",
    ];
    let rows = vec![row.to_vec(); 100];
    let spanish = [
        "Nombre",
        "Apellidos",
        "Correo electrónico",
        "Cargo",
        "País",
        "Empresa",
        "Sitio web",
        "Teléfono",
        "Años en el puesto",
        "LinkedIn",
    ];
    let slips = [
        "Frist Name",
        "Lst Name",
        "Emial",
        "Job Titel",
        "Cuontry",
        "Compnay",
        "Webiste",
        "Phnoe",
        "Yeras in Role",
        "Linkdin",
    ];
    let inputs =
        [("exact", &HEADER[..]), ("synonyms", &spanish[..]), ("slips", &slips[..]), ("none", &[])];
    each(&mut group, &inputs, |header| {
        map_columns(header, &rows, &is_known, &Overrides::default())
    });
    group.finish();
}

fn countries(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("country");
    let context = ColumnContext::default();
    let mut memo = Memo::new();
    each(&mut group, &[("repeated cell", "United States")], |cell| memo.recognize(cell, &context));
    let inputs = [
        ("code", "ES"),
        ("ASCII name", "United States"),
        ("non-ASCII name", "España"),
        ("flag", "🇪🇸"),
        ("mojibake", "EspaÃ±a"),
        ("ASCII miss", "Springfield"),
        ("ASCII miss of several words", "New York City"),
        ("non-ASCII miss", "Málaga"),
        ("non-ASCII miss of several words", "São Paulo"),
        ("placeholder", "N/A"),
    ];
    each(&mut group, &inputs, |cell| recognize(cell, &context));
    group.finish();
}

fn addresses(criterion: &mut Criterion) {
    let inputs = [
        ("plain", "ada.lovelace@example.com"),
        ("non-ASCII domain", "ada@münchen.example"),
        ("quoted", "\"ada lovelace\"@example.com"),
        ("invalid", "ada@@example.com"),
    ];
    let mut group = criterion.benchmark_group("address/parse");
    each(&mut group, &inputs, |text| AddressRef::parse(text).is_ok());
    group.finish();
    let cells = [
        ("plain", "ada.lovelace@example.com"),
        ("display name", "Ada Lovelace <ada.lovelace@example.com>"),
        ("several", "ada@example.com; ada.lovelace@example.org"),
        ("no address", "see notes"),
    ];
    let mut group = criterion.benchmark_group("address/from_cell");
    each(&mut group, &cells, |cell| from_cell(cell).is_ok());
    group.finish();
}

fn websites(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("website");
    let inputs = [
        ("domain", "example.co.uk"),
        ("address with path", "https://www.Example.co.uk/about?x=1"),
        ("non-ASCII", "münchen.de"),
        ("invalid", "not a site"),
    ];
    each(&mut group, &inputs, |cell| WebsiteRef::parse(cell).is_ok());
    group.finish();
    let mut group = criterion.benchmark_group("LinkedIn");
    let inputs = [
        ("profile", "https://www.linkedin.com/in/ada"),
        ("other site", "https://example.com/in/ada"),
    ];
    each(&mut group, &inputs, |cell| linkedin_profile(cell).is_some());
    group.finish();
}

fn phones(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("phone");
    let regions = Regions { lead: Region::new("ES"), default: None };
    let inputs = [
        ("international", "+34 612 345 678"),
        ("national", "612 345 678"),
        ("extension", "+1-816-237-0737x3620"),
        ("not valid", "+1-648-901-1274"),
        ("no-break spaces", "+34\u{A0}612\u{A0}345\u{A0}678"),
        ("several", "+34 612 345 678 / +34 612 345 679"),
        ("no number", "call me"),
    ];
    each(&mut group, &inputs, |cell| ParsedPhone::parse_with_repairs(cell, &regions).is_ok());
    group.finish();
}

fn texts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("full name");
    let inputs = [
        ("two words", "Ada Lovelace"),
        ("turned round", "Lovelace, Ada"),
        ("titles and particles", "Dr. Jan van der Berg, PhD"),
    ];
    each(&mut group, &inputs, |name| split_full_name(name).doubt);
    group.finish();
    let mut group = criterion.benchmark_group("mojibake");
    let inputs =
        [("ASCII", "Nunez Lopez"), ("correct", "Núñez López"), ("garbled", "NÃºÃ±ez LÃ³pez")];
    each(&mut group, &inputs, |text| mojibake::repair(text).is_some());
    group.finish();
}
