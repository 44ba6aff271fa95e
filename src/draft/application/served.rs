//! A WSGI application by its name.

/// What the server loads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::draft) enum Application {
    /// `shop.wsgi:application`
    Object(String),
    /// `shop:create_app`, which makes one when it is called.
    Factory { module: String, name: String },
    /// An object that a module of the site makes, as a command of the project does it.
    Made(Made),
}

/// How an object is made that the project's sources make for a server of their own alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::draft) struct Made {
    /// The module that has all the names, and its file.
    pub(in crate::draft) module: String,
    pub(in crate::draft) file: String,
    pub(in crate::draft) names: Vec<String>,
    /// `Shop(create_pages)`
    pub(in crate::draft) call: String,
    /// The module of the object's class.
    pub(in crate::draft) class_module: String,
}

/// The module of a site that makes an application.
const SITE_S: &str = "site_app";

impl Made {
    /// Returns the name of the file of the site, and its text.
    pub(in crate::draft) fn file(&self) -> (String, String) {
        let Made { module, file, names, call, .. } = self;
        let names = names.join(", ");
        let text = format!(
            "# The application as {file} makes it for its own server.\n\
             from {module} import {names}\n\napp = {call}\n"
        );
        (format!("{SITE_S}.py"), text)
    }
}

impl Application {
    /// The modules of the project that it is in.
    pub(in crate::draft) fn modules(&self) -> Vec<&str> {
        match self {
            Application::Object(name) => vec![name.split(':').next().unwrap_or(name)],
            Application::Factory { module, .. } => vec![module],
            Application::Made(made) => vec![&made.module, &made.class_module],
        }
    }

    /// As `wsgi.application` has it.
    pub(in crate::draft) fn written(&self) -> String {
        match self {
            Application::Object(name) => name.clone(),
            Application::Factory { module, name } => format!("{module}:{name}()"),
            Application::Made(_) => format!("{SITE_S}:app"),
        }
    }
}
