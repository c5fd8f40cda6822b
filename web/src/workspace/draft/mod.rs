//! Drafts in the workspace: begun with a file, filled in a form, looked at as the public will see them, reviewed, and published.

mod begin;
mod check;
mod compare;
mod conflict;
mod edit;
mod field;
mod files;
mod form;
mod head;
mod journey;
mod release;
mod review;
mod vocabulary;

pub(in crate::workspace) use begin::draft_line;
pub use begin::{BeginPage, BeginView, DraftLine, DraftsPage, DraftsView};
pub(crate) use begin::{begin, begin_version, begin_with_file, list_drafts, show_begin};
pub use check::{CheckPanel, CheckView, Fix};
pub use compare::{Piece, Row, rows};
pub(crate) use conflict::resolve;
pub use conflict::{ConflictPage, ConflictPart, ConflictView, Side};
pub use edit::{DocumentPage, DocumentView, EditorPage, EditorView};
pub(crate) use edit::{check_form, save_document, save_form, show_document, show_editor};
pub use field::{Choice, Fault, Field, Group, Input, Remark, Section, id_of};
pub use files::{ColumnLine, ColumnsPage, ColumnsView, FileLine, FilesPage, FilesView, GateLine, TableLine};
pub(crate) use files::{remove, save_columns, show_columns, show_files, upload};
pub use head::{Head, Tab};
pub use journey::{Act, ConfirmPage, ConfirmView, JourneyPage, JourneyView, PreviewView, Step};
pub(crate) use journey::{act_on_journey, discard, show_discard, show_journey, show_preview};
pub use review::{ReviewPage, ReviewView, TableBeside};
pub(crate) use review::{act_on_review, show_review};
