// What JavaScript adds to the page of a table: tabs in place of one long page, and a look at the rows.
import "./table.scss";
import { startPreview } from "./scripts/preview";
import { addTabs } from "./scripts/tabs";

// The preview first: it may have to measure, and what tabs hide has no size.
for (const place of document.querySelectorAll<HTMLElement>("[data-preview]")) startPreview(place);
for (const group of document.querySelectorAll<HTMLElement>("[data-tabs]")) addTabs(group);
