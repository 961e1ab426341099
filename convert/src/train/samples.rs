//! Sheets of images drawn by the float twin while a network trains. Stub until the twin draws.
