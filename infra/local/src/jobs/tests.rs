use super::table::{JobTable, Leased};
use super::*;
use crate::engine::Engine;
use crate::tasks::Tasks;
use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};
use futures::FutureExt;
use transport::VirtualClock;

const TABLE: &str = "jobs-test";

/// One data folder with a clock; runners may be started on it one after the other.
struct Machine {
    engine: Engine,
    clock: Arc<dyn Clock>,
    /// What ran: body, second, how often it was taken.
    ran: Arc<Mutex<Vec<(String, i64, u32)>>>,
    began: Timestamp,
}

/// One started runner.
struct Boot {
    jobs: Arc<Jobs>,
    tasks: Arc<Tasks>,
}

impl Machine {
    async fn new() -> Self {
        let engine = Engine::memory().unwrap();
        create_table(&engine).await;
        let began: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        Self { engine, clock: Arc::new(VirtualClock::starting_at(began)), ran: Arc::default(), began }
    }

    async fn open(&self, boot: &str) -> Arc<Jobs> {
        Jobs::open(self.engine.client(), TABLE, boot, self.clock.clone()).await.unwrap()
    }

    /// Starts a runner whose jobs do as their body says: `a` or `a/2s` (takes two seconds), `again` (postponed once by 30 s).
    async fn boot(&self, boot: &str) -> Boot {
        let jobs = self.open(boot).await;
        let tasks = Arc::new(Tasks::new());
        let handler = self.handler(jobs.clone());
        tasks.spawn(dispatch(jobs.clone(), tasks.clone(), handler, std::future::pending()));
        Boot { jobs, tasks }
    }

    fn handler(&self, jobs: Arc<Jobs>) -> Handler {
        let (ran, clock, began) = (self.ran.clone(), self.clock.clone(), self.began);
        Arc::new(move |job: Received| {
            let (ran, clock, jobs) = (ran.clone(), clock.clone(), jobs.clone());
            async move {
                let (Work::Message(body) | Work::Close(body)) = job.work.clone();
                let second = clock.now().duration_since(began).as_secs();
                ran.lock().unwrap().push((body.clone(), second, job.receives));
                if let Some((_, pause)) = body.split_once('/') {
                    clock.sleep(Duration::from_secs(pause.trim_end_matches('s').parse().unwrap())).await;
                }
                match body.as_str() {
                    "again" if job.receives == 1 => {
                        jobs.postpone(&job.receipt, Duration::from_secs(30)).await.unwrap();
                        Finish::Again
                    }
                    "fails" if job.receives == 1 => Finish::Again,
                    "panics" if job.receives == 1 => panic!("on purpose"),
                    _ => Finish::Done,
                }
            }
            .boxed()
        })
    }

    fn at(&self, seconds: u64) -> Timestamp {
        self.began + Duration::from_secs(seconds)
    }

    fn ran(&self) -> Vec<(String, i64)> {
        self.ran.lock().unwrap().iter().map(|(body, second, _)| (body.clone(), *second)).collect()
    }

    async fn stored(&self) -> Vec<String> {
        let jobs = JobTable::new(self.engine.client(), TABLE, "observer").load().await.unwrap();
        jobs.into_iter().map(|job| job.name).collect()
    }
}

async fn create_table(engine: &Engine) {
    let attribute = |name: &str| {
        let definition = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
        definition.build().unwrap()
    };
    let key =
        |name: &str, kind: KeyType| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    let table = engine.client().create_table().table_name(TABLE).billing_mode(BillingMode::PayPerRequest);
    let table = table.attribute_definitions(attribute("pk")).attribute_definitions(attribute("sk"));
    let table = table.key_schema(key("pk", KeyType::Hash)).key_schema(key("sk", KeyType::Range));
    table.send().await.unwrap();
}

/// A message with its body as name.
fn message(line: &str, body: &str) -> NewJob {
    NewJob { name: body.to_owned(), line: line.to_owned(), work: Work::Message(body.to_owned()) }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn times(times: &[(&str, i64)]) -> Vec<(String, i64)> {
    times.iter().map(|(body, second)| ((*body).to_owned(), *second)).collect()
}

async fn wait(seconds: u64) {
    // A little more, so that what happens at that very second is over.
    tokio::time::sleep(Duration::from_millis(seconds * 1000 + 5)).await;
}

#[tokio::test(start_paused = true)]
async fn jobs_of_one_line_run_in_order_and_lines_run_side_by_side() {
    let machine = Machine::new().await;
    let runner = machine.boot("b1").await;
    runner.jobs.enqueue(vec![message("x", "x1/2s"), message("x", "x2/2s"), message("y", "y1/1s")]).await.unwrap();
    runner.jobs.enqueue(vec![message("y", "y2/1s")]).await.unwrap();
    assert_eq!(machine.stored().await.len(), 4);
    runner.jobs.idle().await;
    assert_eq!(machine.ran(), times(&[("x1/2s", 0), ("y1/1s", 0), ("y2/1s", 1), ("x2/2s", 2)]));
    assert!(machine.stored().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn no_more_than_the_bound_run_side_by_side() {
    let machine = Machine::new().await;
    let runner = machine.boot("b1").await;
    let many = (0..SIDE_BY_SIDE + 10).map(|n| NewJob { name: format!("{n}"), ..message(&format!("line {n}"), "n/1s") });
    runner.jobs.enqueue(many.collect()).await.unwrap();
    runner.jobs.idle().await;
    let at = |second| machine.ran().iter().filter(|(_, s)| *s == second).count();
    assert_eq!((at(0), at(1)), (SIDE_BY_SIDE, 10));
}

#[tokio::test(start_paused = true)]
async fn a_postponed_job_keeps_its_place_and_blocks_its_line() {
    let machine = Machine::new().await;
    let runner = machine.boot("b1").await;
    runner.jobs.enqueue(vec![message("x", "again"), message("x", "x2"), message("y", "y1")]).await.unwrap();
    runner.jobs.idle().await;
    assert_eq!(machine.ran(), times(&[("again", 0), ("y1", 0)]));
    wait(31).await;
    assert_eq!(machine.ran(), times(&[("again", 0), ("y1", 0), ("again", 30), ("x2", 30)]));
}

#[tokio::test(start_paused = true)]
async fn a_postponed_job_keeps_its_place_over_a_restart() {
    let machine = Machine::new().await;
    let first = machine.boot("b1").await;
    // A timer that has joined its line must not go to its end again.
    first.jobs.schedule(message("x", "again"), machine.at(1)).await.unwrap();
    wait(2).await;
    first.jobs.enqueue(vec![message("x", "x2")]).await.unwrap();
    first.tasks.kill().await;
    let second = machine.boot("b2").await;
    second.jobs.idle().await;
    assert_eq!(machine.ran(), times(&[("again", 1)]));
    wait(32).await;
    assert_eq!(machine.ran(), times(&[("again", 1), ("again", 31), ("x2", 31)]));
}

#[tokio::test(start_paused = true)]
async fn a_failed_or_panicking_job_comes_back_after_the_pause_between_attempts() {
    let machine = Machine::new().await;
    let runner = machine.boot("b1").await;
    runner.jobs.enqueue(vec![message("x", "fails"), message("y", "panics")]).await.unwrap();
    wait(6).await;
    assert_eq!(machine.ran(), times(&[("fails", 0), ("panics", 0), ("fails", 5), ("panics", 5)]));
    assert!(machine.stored().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_was_stored_runs_after_a_restart() {
    let machine = Machine::new().await;
    let first = machine.open("b1").await;
    first.enqueue(vec![message("x", "x1"), message("x", "x2"), message("y", "y1")]).await.unwrap();
    first.enqueue(vec![message("x", "x3")]).await.unwrap();
    drop(first);
    let second = machine.boot("b2").await;
    second.jobs.enqueue(vec![message("x", "x4")]).await.unwrap();
    second.jobs.idle().await;
    let of_x: Vec<_> =
        machine.ran().into_iter().filter(|(body, _)| body.starts_with('x')).map(|(body, _)| body).collect();
    assert_eq!(of_x, names(&["x1", "x2", "x3", "x4"]));
    assert!(machine.stored().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_a_newer_version_stored_is_left_for_it() {
    let machine = Machine::new().await;
    let first = machine.open("b1").await;
    first.enqueue(vec![message("x", "newer"), message("y", "y1")]).await.unwrap();
    let newer = JobTable::new(machine.engine.client(), TABLE, "b").load().await.unwrap().remove(0);
    let mut item = newer.item();
    item.insert("schema".to_owned(), aws_sdk_dynamodb::types::AttributeValue::N("2".to_owned()));
    machine.engine.client().put_item().table_name(TABLE).set_item(Some(item.clone())).send().await.unwrap();
    drop(first);
    let second = machine.boot("b2").await;
    second.jobs.idle().await;
    assert_eq!(machine.ran(), times(&[("y1", 0)]));
    let kept = machine.engine.client().get_item().table_name(TABLE).set_key(Some(newer.key())).send().await.unwrap();
    assert_eq!(kept.item, Some(item));
}

#[tokio::test(start_paused = true)]
async fn a_job_whose_runner_was_killed_in_the_middle_runs_again() {
    let machine = Machine::new().await;
    let first = machine.boot("b1").await;
    first.jobs.enqueue(vec![message("x", "x1/5s"), message("x", "x2")]).await.unwrap();
    wait(2).await;
    first.tasks.kill().await;
    wait(10).await;
    assert_eq!(machine.ran(), times(&[("x1/5s", 0)]));
    let second = machine.boot("b2").await;
    second.jobs.idle().await;
    let ran = machine.ran.lock().unwrap().clone();
    assert_eq!(ran, [("x1/5s".to_owned(), 0, 1), ("x1/5s".to_owned(), 12, 2), ("x2".to_owned(), 17, 1)]);
}

#[tokio::test(start_paused = true)]
async fn of_two_leases_one_wins_and_another_boot_takes_over() {
    let machine = Machine::new().await;
    machine.open("b1").await.enqueue(vec![message("x", "x1")]).await.unwrap();
    let table = |boot| JobTable::new(machine.engine.client(), TABLE, boot);
    let job = table("b1").load().await.unwrap().pop().expect("the job");
    let now = machine.clock.now();
    assert_eq!(table("b1").lease(&job, now).await.unwrap(), Leased::Yes { receives: 1 });
    assert_eq!(table("b1").lease(&job, now).await.unwrap(), Leased::Held);
    assert_eq!(table("b2").lease(&job, now).await.unwrap(), Leased::Yes { receives: 2 });
    assert_eq!(
        table("b2").lease(&job, now + LEASE + Duration::from_secs(1)).await.unwrap(),
        Leased::Yes { receives: 3 }
    );
    table("b2").delete(&job).await.unwrap();
    assert_eq!(table("b2").lease(&job, now).await.unwrap(), Leased::Gone);
    table("b2").release(&job, now).await.unwrap();
    assert!(machine.stored().await.is_empty(), "a late release must not bring a done job back");
}

#[tokio::test(start_paused = true)]
async fn a_name_is_taken_once_while_it_waits_or_runs() {
    let machine = Machine::new().await;
    let runner = machine.boot("b1").await;
    for _ in 0..3 {
        runner.jobs.enqueue(vec![message("x", "x1/1s")]).await.unwrap();
    }
    runner.jobs.idle().await;
    assert_eq!(machine.ran(), times(&[("x1/1s", 0)]));
    runner.jobs.enqueue(vec![message("x", "x1/1s")]).await.unwrap();
    runner.jobs.idle().await;
    assert_eq!(machine.ran().len(), 2, "what is done may be asked for again");
}

#[tokio::test(start_paused = true)]
async fn a_timer_fires_once_at_its_time_and_joins_the_end_of_its_line() {
    let machine = Machine::new().await;
    let runner = machine.boot("b1").await;
    for _ in 0..2 {
        runner.jobs.schedule(message("x", "return"), machine.at(5)).await.unwrap();
    }
    runner.jobs.enqueue(vec![message("x", "x1/10s")]).await.unwrap();
    wait(6).await;
    runner.jobs.enqueue(vec![message("x", "x2")]).await.unwrap();
    runner.jobs.idle().await;
    assert_eq!(machine.ran(), times(&[("x1/10s", 0), ("return", 10), ("x2", 10)]));
}

#[tokio::test(start_paused = true)]
async fn timers_survive_a_restart_and_late_ones_fire_at_once() {
    let machine = Machine::new().await;
    let first = machine.boot("b1").await;
    first.jobs.schedule(message("x", "soon"), machine.at(5)).await.unwrap();
    first.jobs.schedule(message("y", "later"), machine.at(60)).await.unwrap();
    first.tasks.kill().await;
    wait(20).await;
    let second = machine.boot("b2").await;
    second.jobs.schedule(message("y", "later"), machine.at(70)).await.unwrap();
    wait(60).await;
    assert_eq!(machine.ran(), times(&[("soon", 20), ("later", 60)]));
}

#[tokio::test(start_paused = true)]
async fn a_job_taken_too_often_is_put_aside() {
    let machine = Machine::new().await;
    machine.open("b0").await.enqueue(vec![message("x", "poison"), message("x", "x2")]).await.unwrap();
    let job = JobTable::new(machine.engine.client(), TABLE, "b").load().await.unwrap().remove(0);
    for n in 0..1000 {
        let table = JobTable::new(machine.engine.client(), TABLE, &format!("boot {n}"));
        table.lease(&job, machine.clock.now()).await.unwrap();
    }
    let runner = machine.boot("b1").await;
    runner.jobs.idle().await;
    // The handler is asked once more, to record that it was given up.
    assert_eq!(machine.ran(), times(&[("poison", 0), ("x2", 0)]));
    let key = job::key(job::BURIED, &job.sort);
    let aside = machine.engine.client().get_item().table_name(TABLE).set_key(Some(key)).send().await.unwrap();
    assert!(aside.item().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_stopped_dispatcher_starts_nothing_and_lets_what_runs_finish() {
    let machine = Machine::new().await;
    let jobs = machine.open("b1").await;
    let tasks = Arc::new(Tasks::new());
    let stop = tokio::time::sleep(Duration::from_secs(1));
    tasks.spawn(dispatch(jobs.clone(), tasks.clone(), machine.handler(jobs.clone()), stop));
    jobs.enqueue(vec![message("x", "x1/3s"), message("x", "x2")]).await.unwrap();
    wait(2).await;
    jobs.at_rest().await;
    assert_eq!(machine.stored().await, names(&["x2"]));
    assert_eq!(machine.ran(), times(&[("x1/3s", 0)]));
}
