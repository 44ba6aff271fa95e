//! A WSGI application by its name.

/// What the server loads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::draft) enum Application {
    /// `shop.wsgi:application`
    Object(String),
    /// `shop:create_app`, which makes one when it is called.
    Factory { module: String, name: String },
}

impl Application {
    /// The module that it is in.
    pub(in crate::draft) fn module(&self) -> &str {
        match self {
            Application::Object(name) => name.split(':').next().unwrap_or(name),
            Application::Factory { module, .. } => module,
        }
    }

    /// As `wsgi.application` has it.
    pub(in crate::draft) fn written(&self) -> String {
        match self {
            Application::Object(name) => name.clone(),
            Application::Factory { module, name } => format!("{module}:{name}()"),
        }
    }
}
