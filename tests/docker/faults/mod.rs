//! Faults of Docker itself, on a real one: a proxy before its socket fails, cuts, garbles or delays
//! requests. The verdict is never about the app, and nothing is left.

mod chaos;
mod house;
mod matrix;
mod proxy;
