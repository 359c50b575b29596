namespace NativeHeap.Generators;

/// <summary>The names of the pipeline's steps, by which tests ask what was computed anew and what was not.</summary>
internal static class TrackingNames
{
    /// <summary>From symbol to model: one <see cref="Model.AllocatedTypeModel"/> for each struct that gets stubs.</summary>
    public const string Models = nameof(Models);

    /// <summary>What of the project's settings the text depends on: a <see cref="Model.ProjectOptions"/>.</summary>
    public const string Project = nameof(Project);

    /// <summary>The two joined: what the text is made from.</summary>
    public const string Stubs = nameof(Stubs);
}
