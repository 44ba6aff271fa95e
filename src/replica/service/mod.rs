//! The images and containers of what a site leans on, and how each is known to be ready.

mod cache;
mod databases;
mod locks;
mod mail;
mod make;
mod mariadb;
mod other;
mod part;
mod pgbouncer;
mod postgres;
mod rabbitmq;
mod seed;
mod weather;

pub(super) use cache::login_at_the_socket;
pub use locks::{LockWatch, lock_watches};
pub(super) use mail::mail_variables;
pub(super) use make::{resolver_image, service_part};
pub use part::Ready;
pub(super) use part::{Making, ServicePart, packages, port_ready, script_file, words};
pub(super) use postgres::hba_rules;
pub(super) use weather::{weather_image, weather_part, weather_role};
