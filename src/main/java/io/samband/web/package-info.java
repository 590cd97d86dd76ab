/** What all HTTP answers have in common: the base path, problem bodies (RFC 9457), the origin rule, the client's address. */
package io.samband.web;
