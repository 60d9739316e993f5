DROP TABLE recording_numbers;
