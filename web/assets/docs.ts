// The interactive API documentation: Swagger UI from our own files, reading our own contract, reporting to nobody.
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";
import "swagger-ui-dist/swagger-ui.css";
import "./docs.scss";

const place = document.querySelector<HTMLElement>("#api-docs");
if (place) {
  place.replaceChildren();
  SwaggerUI({
    domNode: place,
    url: place.dataset["contract"] ?? "/openapi.json",
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
