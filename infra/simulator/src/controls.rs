//! The controls of both simulators: faults, the log of calls, and the order in which they apply.

use crate::Reply;
use crate::calls::Calls;
use crate::wire::{Answer, Ask};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use transport::Clock;

/// A failure to come, for the first request it fits.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fault {
    method: Option<String>,
    /// A prefix of the path as it is sent.
    path: Option<String>,
    /// Answered without doing the work.
    status: Option<u16>,
    /// The line is cut without doing the work.
    #[serde(default)]
    drop: bool,
    /// The work is done, then the line is cut.
    #[serde(default)]
    lose_answer: bool,
    /// The work is done, and half of the answer's body is sent.
    #[serde(default)]
    half: bool,
    /// The answer or the cut comes this much later. The work, if any, is done at once.
    #[serde(default)]
    delay_ms: u64,
    #[serde(default = "once")]
    times: u32,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<Value>,
}

fn once() -> u32 {
    1
}

impl Fault {
    fn fits(&self, ask: &Ask) -> bool {
        self.method.as_ref().is_none_or(|m| m.eq_ignore_ascii_case(ask.method.as_str()))
            && self.path.as_ref().is_none_or(|p| ask.path.starts_with(p.as_str()))
    }

    fn answer(&self, status: u16, body_of: fn(u16) -> Value) -> Answer {
        let mut answer = Answer::new(status, self.body.clone().unwrap_or_else(|| body_of(status)));
        answer.headers = self.headers.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        answer
    }
}

pub(crate) struct Controls {
    clock: Arc<dyn Clock>,
    faults: Mutex<Vec<Fault>>,
    calls: Mutex<Calls>,
}

impl Controls {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, faults: Mutex::default(), calls: Mutex::default() }
    }

    /// Answers with `work`, unless a fault says otherwise. `body_of` is the service's error body for a status.
    pub(crate) async fn run(&self, ask: &Ask, body_of: fn(u16) -> Value, work: impl Future<Output = Answer>) -> Reply {
        let number = locked(&self.calls).arrived(ask, self.clock.now());
        let reply = match self.take_fault(ask) {
            Some(fault) => self.with_fault(&fault, body_of, work).await,
            None => Reply::Answer(work.await.into_response()),
        };
        let status = match &reply {
            Reply::Answer(answer) | Reply::Half(answer) => Some(answer.status().as_u16()),
            Reply::Cut => None,
        };
        locked(&self.calls).answered(number, status);
        reply
    }

    async fn with_fault(&self, fault: &Fault, body_of: fn(u16) -> Value, work: impl Future<Output = Answer>) -> Reply {
        let reply = if fault.drop {
            Reply::Cut
        } else if let Some(status) = fault.status {
            Reply::Answer(fault.answer(status, body_of).into_response())
        } else {
            let mut answer = work.await;
            answer.headers.extend(fault.headers.clone());
            match (fault.lose_answer, fault.half) {
                (true, _) => Reply::Cut,
                (false, true) => Reply::Half(answer.into_response()),
                (false, false) => Reply::Answer(answer.into_response()),
            }
        };
        if fault.delay_ms > 0 {
            self.clock.sleep(Duration::from_millis(fault.delay_ms)).await;
        }
        reply
    }

    fn take_fault(&self, ask: &Ask) -> Option<Fault> {
        let mut faults = locked(&self.faults);
        let at = faults.iter().position(|fault| fault.times > 0 && fault.fits(ask))?;
        let fault = faults.get_mut(at)?;
        fault.times -= 1;
        let taken = fault.clone();
        if fault.times == 0 {
            faults.remove(at);
        }
        Some(taken)
    }

    /// The controls that both simulators have; `None` where the request is for another one.
    pub(crate) fn control(&self, ask: &Ask) -> Option<Answer> {
        match (ask.method.as_str(), ask.parts().as_slice()) {
            ("POST", ["_sim", "faults"]) => Some(match ask.read() {
                Ok(fault) => {
                    locked(&self.faults).push(fault);
                    Answer::new(201, json!({}))
                }
                Err(refused) => refused,
            }),
            ("DELETE", ["_sim", "faults"]) => {
                locked(&self.faults).clear();
                Some(Answer::ok(json!({})))
            }
            ("GET", ["_sim", "calls"]) => Some(locked(&self.calls).list(ask.query("since"))),
            ("DELETE", ["_sim", "calls"]) => {
                locked(&self.calls).clear();
                Some(Answer::ok(json!({})))
            }
            _ => None,
        }
    }

    pub(crate) fn reset(&self) {
        locked(&self.faults).clear();
        locked(&self.calls).clear();
    }
}

/// A simulator goes on after a panic in one request. Its state may be odd then, but the test fails where it looks.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
