//! Leads files of four shapes, read by every contender: one group per shape, throughput in bytes.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput};
use genesy_benches::contenders;
use genesy_benches::leads::{LeadsFile, Shape};

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    for shape in Shape::ALL {
        let file = LeadsFile::from_environment(shape);
        let mut group = criterion.benchmark_group(format!("csv/{}", shape.name()));
        // A run takes tens of milliseconds: growing sample sizes would only add time.
        group.sampling_mode(SamplingMode::Flat);
        group.throughput(Throughput::Bytes(file.bytes.len() as u64));
        for contender in contenders::checked(&file) {
            group.bench_with_input(
                BenchmarkId::from_parameter(contender.name),
                &file,
                |bencher, file| {
                    bencher.iter(|| (contender.run)(file));
                },
            );
        }
        group.finish();
    }
    criterion.final_summary();
}
