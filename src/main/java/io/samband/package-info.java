/** Samband: real-time push for Jakarta EE control rooms. What begins and ends with the deployment. */
package io.samband;
