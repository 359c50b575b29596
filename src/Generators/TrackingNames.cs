namespace NativeHeap.Generators;

/// <summary>The names of the pipeline's steps, by which tests ask what was computed anew and what was not.</summary>
internal static class TrackingNames
{
    /// <summary>From symbol to model: one <see cref="Model.OwnTypeModel"/> for each struct of the project that gets stubs.</summary>
    public const string Models = nameof(Models);

    /// <summary>From the assembly's attributes to models: one <see cref="Model.ForeignTypeModel"/> for each struct of another assembly that gets stubs.</summary>
    public const string ForeignModels = nameof(ForeignModels);

    /// <summary>What of the project's settings the text depends on: a <see cref="Model.ProjectOptions"/>.</summary>
    public const string Project = nameof(Project);

    /// <summary>Model and settings joined: what the text is made from.</summary>
    public const string Stubs = nameof(Stubs);

    /// <summary>The same of the structs of other assemblies.</summary>
    public const string ForeignStubs = nameof(ForeignStubs);
}
