package io.samband.dispatch;

/**
 * The status of a vehicle, "bilstatus".
 *
 * @param version counts up with each change of this vehicle. Two transactions that commit at the same moment may be pushed
 *     in either order, so whoever shows vehicles keeps the highest version
 */
public record Vehicle(String id, String status, long version, String updatedAt) {}
