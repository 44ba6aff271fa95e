//! An engine in memory, for tests: it keeps Docker's rules about names, states and order, writes
//! down every request, and fails where a test wants it. `world` has the rules, `engine` the trait.

mod engine;
mod world;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::event::Resource;
use crate::replica::{FileEntry, Labels};

use super::engine::{Count, Exec, Output};
use super::error::DockerError;

use world::{Refusal, World};

/// Clones are the same engine.
#[derive(Clone)]
pub struct FakeEngine {
    world: Rc<RefCell<World>>,
    requests: Rc<RefCell<Vec<String>>>,
    failures: Rc<RefCell<Vec<(usize, When)>>>,
    broken: Rc<RefCell<Vec<(String, u16)>>>,
    taken: Rc<RefCell<TakenScript>>,
    hook: Rc<RefCell<Hook>>,
    execs: Rc<RefCell<ExecScript>>,
    mains: Rc<RefCell<MainScript>>,
    /// The root of the machine it is on; no machine's unless a test says one.
    machine: Rc<RefCell<PathBuf>>,
}

type Hook = Box<dyn FnMut(usize, &str)>;
type ExecScript = Box<dyn FnMut(&str, &Exec) -> Reply>;
type TakenScript = Box<dyn FnMut() -> bool>;
type MainScript = Box<dyn FnMut(&str, &[String]) -> Main>;

/// Whether a request that fails has taken effect all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Refused: nothing happened.
    Before,
    /// Done, but the answer got lost.
    After,
}

/// What becomes of a container's main process at its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Main {
    Runs,
    /// It runs, and these lines are its log.
    Says(Vec<String>),
    /// It ends at once with this code, and these lines are its log.
    Ends(i64, Vec<String>),
}

/// What becomes of a command run inside.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    pub code: i64,
    pub lines: Vec<(Output, String)>,
    /// Files that are there afterwards.
    pub files: Vec<FileEntry>,
    /// The container ends with this code, and the command with it.
    pub container_ends: Option<i64>,
    /// It says its lines and then goes on for ever.
    pub hangs: bool,
    /// The kernel killed something in the container for want of memory.
    pub out_of_memory: bool,
    /// How many processes the container has then.
    pub processes: Option<Count>,
}

impl Reply {
    #[must_use]
    pub fn ok() -> Reply {
        Reply::default()
    }

    /// Ends with a code after lines on standard output.
    #[must_use]
    pub fn of(code: i64, lines: &[&str]) -> Reply {
        let lines = lines.iter().map(|line| (Output::Stdout, (*line).to_owned())).collect();
        Reply { code, lines, ..Reply::default() }
    }

    #[must_use]
    pub fn hangs() -> Reply {
        Reply { hangs: true, ..Reply::default() }
    }

    #[must_use]
    pub fn writing(mut self, file: FileEntry) -> Reply {
        self.files.push(file);
        self
    }
}

impl FakeEngine {
    /// An engine with nothing in it: commands succeed silently, builders end well, containers run
    /// until they are removed.
    #[must_use]
    pub fn new() -> FakeEngine {
        FakeEngine {
            world: Rc::default(),
            requests: Rc::default(),
            failures: Rc::default(),
            broken: Rc::default(),
            taken: Rc::new(RefCell::new(Box::new(|| false))),
            hook: Rc::new(RefCell::new(Box::new(|_, _| ()))),
            execs: Rc::new(RefCell::new(Box::new(|_, _| Reply::ok()))),
            mains: Rc::new(RefCell::new(Box::new(|_, _| Main::Runs))),
            machine: Rc::default(),
        }
    }

    /// Makes the n-th request fail, counted from 0; may be called again for more failures.
    #[must_use]
    pub fn failing_at(self, number: usize, when: When) -> FakeEngine {
        self.failures.borrow_mut().push((number, when));
        self
    }

    /// Makes every request fail whose text begins so, for good: ``remove container `db` ``.
    #[must_use]
    pub fn failing_on(self, action: &str) -> FakeEngine {
        self.broken.borrow_mut().push((action.to_owned(), 500));
        self
    }

    /// The same, because somebody does not allow it.
    #[must_use]
    pub fn forbidding(self, action: &str) -> FakeEngine {
        self.broken.borrow_mut().push((action.to_owned(), 403));
        self
    }

    /// Lets all requests succeed again.
    pub fn mend(&self) {
        self.broken.borrow_mut().clear();
        self.failures.borrow_mut().clear();
    }

    /// Removes a container or a network as somebody else would, by hand.
    pub fn lose(&self, name: &str) {
        let mut world = self.world.borrow_mut();
        world.containers.remove(name);
        world.networks.remove(name);
    }

    /// Refuses a network's creation, as if somebody had taken its subnet, while the script says so.
    #[must_use]
    pub fn refusing_networks(self, script: impl FnMut() -> bool + 'static) -> FakeEngine {
        *self.taken.borrow_mut() = Box::new(script);
        self
    }

    /// Ends a container's main process from outside.
    pub fn end(&self, name: &str, code: i64) {
        if let Some(container) = self.world.borrow_mut().containers.get_mut(name) {
            container.state = world::State::Exited(code);
        }
    }

    /// Removes images by the start of their tag, by hand.
    pub fn lose_images(&self, start: &str) {
        self.world.borrow_mut().images.retain(|tag, _| !tag.starts_with(start));
    }

    /// Called with number and text of every request before it is carried out: the place to ask
    /// for a stop.
    #[must_use]
    pub fn on_request(self, hook: impl FnMut(usize, &str) + 'static) -> FakeEngine {
        *self.hook.borrow_mut() = Box::new(hook);
        self
    }

    /// Answers commands, by container and command.
    #[must_use]
    pub fn on_exec(self, script: impl FnMut(&str, &Exec) -> Reply + 'static) -> FakeEngine {
        *self.execs.borrow_mut() = Box::new(script);
        self
    }

    /// Says what main processes do, by container and command. Builders that are to run end well.
    #[must_use]
    pub fn on_start(self, script: impl FnMut(&str, &[String]) -> Main + 'static) -> FakeEngine {
        *self.mains.borrow_mut() = Box::new(script);
        self
    }

    /// Puts an image into the local store.
    #[must_use]
    pub fn with_image(self, tag: &str) -> FakeEngine {
        self.world.borrow_mut().add_image(tag, &[].into());
        self
    }

    /// Puts an image into the registry; without any, the registry is out of reach.
    #[must_use]
    pub fn with_registry(self, reference: &str) -> FakeEngine {
        self.world.borrow_mut().registry.push(reference.to_owned());
        self
    }

    /// Puts it on a machine, whose root this is.
    #[must_use]
    pub fn on_machine(self, root: &Path) -> FakeEngine {
        root.clone_into(&mut self.machine.borrow_mut());
        self
    }

    /// Every request so far, as text: ``start container `db` ``.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.requests.borrow().clone()
    }

    /// Makes a volume, as somebody else would.
    pub fn put_volume(&self, name: &str, labels: Labels) {
        self.world.borrow_mut().volumes.insert(name.to_owned(), labels);
    }

    /// The containers, networks and volumes that are there. Images are meant to stay.
    #[must_use]
    pub fn leftovers(&self) -> Vec<Resource> {
        self.world.borrow().resources()
    }

    /// The tags in the local store.
    #[must_use]
    pub fn tags(&self) -> Vec<String> {
        self.world.borrow().images.keys().cloned().collect()
    }

    /// A file of a container, as uploaded or written by a command.
    #[must_use]
    pub fn file(&self, container: &str, path: &str) -> Option<FileEntry> {
        self.world.borrow().containers.get(container)?.files.get(path).cloned()
    }

    /// Writes the request down and carries it out, unless it is one that fails. There is a point
    /// of suspension on either side of it, as with a real engine.
    async fn request<T>(
        &self,
        action: String,
        act: impl FnOnce(&mut World) -> Result<T, Refusal>,
    ) -> Result<T, DockerError> {
        tokio::task::yield_now().await;
        let number = self.requests.borrow().len();
        self.requests.borrow_mut().push(action.clone());
        (self.hook.borrow_mut())(number, &action);
        let is_refused = self.failures.borrow().contains(&(number, When::Before)).then_some(500);
        let broken = |(start, status): &(String, u16)| action.starts_with(start).then_some(*status);
        let refusal = is_refused.or_else(|| self.broken.borrow().iter().find_map(broken));
        if let Some(status_code) = refusal {
            let source = bollard::errors::Error::DockerResponseServerError {
                status_code,
                message: "a failure was injected".to_owned(),
            };
            return Err(DockerError::Request { action, source });
        }
        let result = act(&mut self.world.borrow_mut());
        tokio::task::yield_now().await;
        if self.failures.borrow().contains(&(number, When::After)) {
            let source = bollard::errors::Error::RequestTimeoutError;
            return Err(DockerError::Request { action, source });
        }
        result.map_err(|refusal| match refusal {
            Refusal::NotFound(message) => DockerError::NotFound { action, message },
            Refusal::Conflict(message) => DockerError::Conflict { action, message },
            Refusal::NoRegistry(message) => DockerError::NoRegistry { action, message },
            Refusal::Ended => DockerError::ContainerEnded { action },
            Refusal::Stream(message) => DockerError::Stream { action, message },
        })
    }
}

impl Default for FakeEngine {
    fn default() -> Self {
        FakeEngine::new()
    }
}

impl std::fmt::Debug for FakeEngine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.world.borrow().fmt(formatter)
    }
}

#[cfg(test)]
mod tests;
