// A row of workgroups longer than a device's limit along x comes as a rectangle: its linear number.
uint group_index() { return gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x; }
