// The interactive API documentation: Swagger UI from our own files, reading our own contract, reporting to nobody.
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";
import "swagger-ui-dist/swagger-ui.css";
import "./docs.scss";

const place = document.querySelector<HTMLElement>("#api-docs");
// `?table=` shows one table's own contract, with its columns, in place of the whole.
const table = new URLSearchParams(location.search).get("table");
const ofTable = table ? `/api/v1/tables/${encodeURIComponent(table)}/openapi.json` : undefined;
if (place) {
  place.replaceChildren();
  // Swagger UI brings a main landmark of its own, and a page has one: ours steps back for it.
  const main = document.querySelector("main");
  if (main) {
    const plain = document.createElement("div");
    plain.id = main.id;
    plain.className = main.className;
    plain.tabIndex = -1;
    plain.append(...main.childNodes);
    main.replaceWith(plain);
  }
  SwaggerUI({
    domNode: place,
    url: ofTable ?? place.dataset["contract"] ?? "/openapi.json",
    validatorUrl: null,
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    filter: true,
    tryItOutEnabled: true,
    persistAuthorization: false,
    supportedSubmitMethods: ["get", "head", "post", "put", "patch", "delete"],
  });
}
