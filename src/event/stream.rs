//! Where events go: listeners, in the order of what happens.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::{Event, What};
use crate::site::SiteName;

/// Takes events, for one run.
pub trait Listener {
    fn take(&mut self, event: &Event);
}

/// Where work sends its events; clones go to the same listeners and share one clock.
#[derive(Clone)]
pub struct Events {
    start: Instant,
    site: Option<SiteName>,
    listeners: Rc<RefCell<Vec<Box<dyn Listener>>>>,
}

impl std::fmt::Debug for Events {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Events").field("site", &self.site).finish_non_exhaustive()
    }
}

impl Events {
    /// Starts the run's clock.
    #[must_use]
    pub fn new(listeners: Vec<Box<dyn Listener>>) -> Self {
        Events { start: Instant::now(), site: None, listeners: Rc::new(RefCell::new(listeners)) }
    }

    /// The same stream, for what concerns one site.
    #[must_use]
    pub fn of_site(&self, site: &SiteName) -> Self {
        Events { site: Some(site.clone()), ..self.clone() }
    }

    /// Time since the run's start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// Sends an event to every listener, with the time since the run's start and the site of this stream.
    pub fn emit(&self, what: What) {
        let event = Event { at: self.start.elapsed(), site: self.site.clone(), what };
        for listener in self.listeners.borrow_mut().iter_mut() {
            listener.take(&event);
        }
    }
}

/// Keeps every event, for reports and tests.
#[derive(Debug, Clone, Default)]
pub struct Recorder(Rc<RefCell<Vec<Event>>>);

impl Recorder {
    /// What was recorded so far.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.0.borrow().clone()
    }
}

impl Listener for Recorder {
    fn take(&mut self, event: &Event) {
        self.0.borrow_mut().push(event.clone());
    }
}
