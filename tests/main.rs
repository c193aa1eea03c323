
mod sound;
