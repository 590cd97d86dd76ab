/** What all engines have in common that several nodes share: the log is numbered elsewhere, and grows also by what others append. */
package io.samband.log.shared;
