//! The waterfall of a lead, on a real server.

mod rig;

use genesy_core::waterfall::Outcome;
use genesy_providers::simulated::{Options, Simulation};
use genesy_temporal::client::{PhoneRequest, RunState, Started};
use genesy_temporal::dev_server::DevServerOptions;

#[test]
fn a_lead_goes_through_its_plan() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let mut client = rig::client(&server).await;
        client.add_search_attributes().await.expect("they are added");
        let simulation = Simulation::start(Options { time_scale: 0.0, ..Options::default() });
        let simulation = simulation.await.expect("providers");
        let worker = rig::worker(&client, simulation.providers(None));
        let lead = rig::lead("17");
        let request = PhoneRequest::new(lead.clone(), rig::everything(), rig::plan());
        let began = std::time::Instant::now();
        assert_eq!(client.start_phone(request.clone()).await.expect("started"), Started::Running);
        let result = client.phone_result(&lead).await.expect("a result");
        eprintln!("{:?} {result:?}", began.elapsed());
        let progress = client.phone_progress(&lead).await.expect("progress");
        assert_eq!(progress.outcome.as_deref(), Some(result.outcome.name()));
        let status = client.phone_status(&lead).await.expect("a status");
        assert_eq!(status.state, RunState::Completed);
        assert_eq!(status.outcome.as_deref(), Some(result.outcome.name()));
        assert!(matches!(
            result.outcome,
            Outcome::Found(_) | Outcome::NoDataFound | Outcome::Inconclusive
        ));
        worker.shutdown().await.expect("it ends");
    });
}
