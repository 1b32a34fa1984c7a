//! Requirements of the Rules: a test named `r_NN_...` holds requirement R-NN (`bilim catalog rules`).

mod control;
mod lineage;
mod parameters;
mod protection;
mod publications;
mod site;
mod subjects;
mod systems;
mod updates;
mod views;
