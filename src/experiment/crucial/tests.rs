mod answers;
mod found;
mod planning;
