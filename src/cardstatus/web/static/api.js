"use strict";
// Swagger UI over the description, without requests to other machines.
const place = document.getElementById("api");
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();
window.SwaggerUIBundle({
  url: place.dataset.description,
  domNode: place,
  validatorUrl: null,
  tryItOutEnabled: true,
  supportedSubmitMethods: ["get"],
  defaultModelsExpandDepth: 0,
});
