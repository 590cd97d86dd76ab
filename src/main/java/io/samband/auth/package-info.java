/**
 * Who a request comes from. Tokens are verified by Nimbus JOSE+JWT; this package decides only which of them it accepts, and
 * what their claims mean.
 */
package io.samband.auth;
