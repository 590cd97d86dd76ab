package io.samband.settings;

/**
 * A CDI event that the start of the deployment fires before it opens the event log. An observer that throws {@link
 * BadSettingException} stops the deployment.
 */
public record SettingsCheck() {}
