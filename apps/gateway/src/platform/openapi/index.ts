/** The OpenAPI document, made from the declarations of the routes and from the contract. */
export { OpenApi } from './openapi.js';
